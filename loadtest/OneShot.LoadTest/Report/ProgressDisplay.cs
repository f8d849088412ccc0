using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A progress bar with the step at hand; on a console that is no terminal, a line a step.</summary>
internal static class ProgressDisplay
{
    public static async Task<T> RunAsync<T>(IAnsiConsole console, Func<Action<string, double>, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            return await work((step, _) => console.WriteLine(step));
        }

        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                ProgressTask task = context.AddTask("", maxValue: 1);
                return work((step, done) =>
                {
                    task.Description = Markup.Escape(step);
                    task.Value = done;
                });
            });
    }
}
