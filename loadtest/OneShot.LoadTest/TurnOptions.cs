using System.CommandLine;
using OneShot.LoadTest.Tools;
using Spectre.Console;

namespace OneShot.LoadTest;

/// <summary>Options of the commands that load servers in turn with a tool.</summary>
internal static class TurnOptions
{
    public static Option<int> Rounds { get; } = new Option<int>("--rounds", "-n") { Description = "Runs of each side, in turn; the order turns round by round. Their medians are reported.", DefaultValueFactory = _ => 5 }.Within(1, 1_000);

    public static Option<int> Duration { get; } = new Option<int>("--duration", "-d") { Description = "Seconds of one run.", DefaultValueFactory = _ => 5, HelpName = "seconds" }.Within(1, 3_600);

    public static Option<int> WarmUp { get; } = new Option<int>("--warm-up") { Description = "Seconds of load on each server before its first run of a kind; nothing of it is counted.", DefaultValueFactory = _ => 3, HelpName = "seconds" }.Within(0, 3_600);

    public static Option<int> Connections { get; } = new Option<int>("--connections", "-c") { Description = "Connections the tool keeps open.", DefaultValueFactory = _ => 64 }.Within(1, 60_000);

    public static Option<string> Tool { get; } = CreateTool();

    public static Option<string?> Bombardier { get; } = new("--bombardier") { Description = "Where Bombardier is, if not on the PATH.", HelpName = "path" };

    /// <exception cref="LoadTestException">There is none, or not the one that was asked for.</exception>
    public static Task<ILoadTool> OpenToolAsync(ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken) => ToolChoice.OpenAsync(
        parsed.GetValue(Tool)!, parsed.GetValue(Bombardier), line => console.MarkupLineInterpolated($"[yellow]{line}[/]"), cancellationToken);

    private static Option<string> CreateTool()
    {
        Option<string> tool = new("--tool") { Description = "What sends the load; auto is Bombardier where it is on the PATH, else wrk. Only wrk changes header values with every request.", DefaultValueFactory = _ => ToolChoice.Auto };
        tool.AcceptOnlyFromAmong(ToolChoice.Auto, ToolChoice.BombardierName, ToolChoice.WrkName);
        return tool;
    }
}
