using System.CommandLine;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using Spectre.Console;

namespace OneShot.LoadTest.Drill.Succession;

/// <summary><c>succession</c>.</summary>
internal sealed class SuccessionCommand() : ServiceDrillCommand<SuccessionResult>(
    "succession",
    "Lets one process fill its arena and start its own successor under load, on the same listening socket, with nobody in front and nobody behind, and counts the requests that notice. Any failed one is exit code 1.",
    "successions")
{
    private readonly Option<int> _drainDelay = new Option<int>("--drain-delay") { Description = "How long a process that has been succeeded serves what it has accepted.", DefaultValueFactory = _ => 5, HelpName = "seconds" }.Within(2, 600);

    protected override IEnumerable<Option> OwnOptions => [_drainDelay];

    public static Command Create() => new SuccessionCommand().Build();

    protected override Task<SuccessionResult> DrillAsync(ParseResult parsed, SampleLocation location, Action<string, double> progress, CancellationToken cancellationToken)
    {
        SuccessionOptions options = new(
            parsed.GetValue(Transport),
            parsed.GetValue(Replacements),
            TimeSpan.FromSeconds(parsed.GetValue(Limit)),
            parsed.GetValue(Capacity)!,
            parsed.GetValue(Rate),
            parsed.GetValue(Clients),
            TimeSpan.FromSeconds(parsed.GetValue(_drainDelay)));
        return new SuccessionDrill(options, location) { Progress = progress }.RunAsync(cancellationToken);
    }

    protected override void Write(IAnsiConsole console, SuccessionResult result) => ServiceDrillTable.Write(
        console, result, $"Processes that start their own successors, transport {result.Options.Transport}", "successions", "longest start of a successor", result.Starts);
}
