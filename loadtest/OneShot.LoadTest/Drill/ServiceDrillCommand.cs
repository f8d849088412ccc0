using System.CommandLine;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using Spectre.Console;

namespace OneShot.LoadTest.Drill;

/// <summary>A command that drills one service: the options that all of them have, and what is done with the result.</summary>
/// <param name="name">Of the command.</param>
/// <param name="description">What it does.</param>
/// <param name="replacements">What it counts, the name of the option that says how many.</param>
internal abstract class ServiceDrillCommand<TResult>(string name, string description, string replacements) where TResult : ServiceDrillResult
{
    protected Option<Transport> Transport { get; } = new("--transport") { Description = "Which transport serves the socket.", DefaultValueFactory = _ => Servers.Transport.OneShot };

    protected Option<int> Replacements { get; } = new Option<int>($"--{replacements}", "-n") { Description = "The drill is over after that many.", DefaultValueFactory = _ => 20 }.Within(1, 100_000);

    protected Option<int> Limit { get; } = new Option<int>("--limit") { Description = "Or after that many seconds, and has failed then.", DefaultValueFactory = _ => 600, HelpName = "seconds" }.Within(1, 1_000_000);

    protected Option<string> Capacity { get; } = new("--capacity") { Description = "The process arena's cap. Small, so that it fills in seconds.", DefaultValueFactory = _ => "8MiB" };

    protected Option<int> Rate { get; } = new Option<int>("--rate") { Description = "Requests a second.", DefaultValueFactory = _ => 1_000 }.Within(1, 1_000_000);

    protected Option<int> Clients { get; } = new Option<int>("--clients", "-c") { Description = "Clients that send them, one request at a time each.", DefaultValueFactory = _ => 32 }.Within(1, 10_000);

    /// <summary>Options that other drills do not have.</summary>
    protected virtual IEnumerable<Option> OwnOptions => [];

    public Command Build()
    {
        Command command = new(name, description) { Transport, Replacements, Limit, Capacity, Rate, Clients };
        foreach (Option option in OwnOptions)
        {
            command.Add(option);
        }

        command.Add(SharedOptions.Server);
        command.Add(SharedOptions.Json);
        command.SetAction((parsed, cancellationToken) =>
            CommandRun.RunAsync(() => RunAsync(parsed, AnsiConsole.Console, cancellationToken), Console.Error, cancellationToken));
        return command;
    }

    /// <summary>Runs the drill that was asked for.</summary>
    /// <param name="parsed">What was asked for.</param>
    /// <param name="location">Of the server.</param>
    /// <param name="progress">Is told what happens, with how much of the whole is done, 0 to 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    protected abstract Task<TResult> DrillAsync(ParseResult parsed, SampleLocation location, Action<string, double> progress, CancellationToken cancellationToken);

    protected abstract void Write(IAnsiConsole console, TResult result);

    private async Task<int> RunAsync(ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken)
    {
        SampleLocation location = SampleLocation.Find(parsed.GetValue(SharedOptions.Server));
        TResult result = await ProgressDisplay.RunAsync(console, progress => DrillAsync(parsed, location, progress, cancellationToken));
        Write(console, result);
        SharedOptions.WriteJson(parsed, result);
        return result.Verdict is { } verdict
            ? throw new LoadTestException($"The drill has failed: {verdict}.", ExitCode.Failed)
            : ExitCode.Success;
    }
}
