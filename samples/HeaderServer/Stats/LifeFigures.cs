using System.Text.Json;
using OneShot;
using OneShot.AspNetCore.Restart;

namespace HeaderServer.Stats;

/// <summary>
/// With <c>OneShot:GcPauses</c>, two lines on standard output: one when the server listens, one when it has stopped. Each says what <c>/stats</c> and
/// <c>/gc-pauses</c> would, so that the figures of a process that restarts itself are not lost with it. Load tests read them: a changed name is a broken report.
/// </summary>
/// <param name="Stats">Since the server was built.</param>
/// <param name="GcPauses">All of them, but for those of the last tenth of a second.</param>
internal sealed record LifeFigures(ServerStatsReport Stats, GcPause[] GcPauses)
{
    public static void PrintAtStart(WebApplication app, TextWriter output) => Print(app, output, "Figures at the start: ");

    public static void PrintAtEnd(WebApplication app, TextWriter output) => Print(app, output, "Figures at the end: ");

    private static void Print(WebApplication app, TextWriter output, string head)
    {
        IServiceProvider services = app.Services;
        if (services.GetService<GcPauses>() is { } pauses)
        {
            ServerStatsReport stats = services.GetRequiredService<ServerStats>().Read(
                services.GetRequiredService<ProcessArena>(), services.GetRequiredService<HeapBudget>(), services.GetRequiredService<RestartMonitor>());
            output.WriteLine(head + JsonSerializer.Serialize(new LifeFigures(stats, pauses.ToArray()), StatsJson.Default.LifeFigures));
        }
    }
}
