using System.CommandLine;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using Spectre.Console;

namespace OneShot.LoadTest.Drill.Activation;

/// <summary><c>activation</c>.</summary>
internal sealed class ActivationCommand() : ServiceDrillCommand<ActivationResult>(
    "activation",
    "Lets one process fill its arena and be restarted under load behind a listening socket that stays, as systemd's socket activation has it, and counts the requests that notice. Any failed one is exit code 1.",
    "restarts")
{
    public static Command Create() => new ActivationCommand().Build();

    protected override Task<ActivationResult> DrillAsync(ParseResult parsed, SampleLocation location, Action<string, double> progress, CancellationToken cancellationToken)
    {
        ActivationOptions options = new(
            parsed.GetValue(Transport),
            parsed.GetValue(Replacements),
            TimeSpan.FromSeconds(parsed.GetValue(Limit)),
            parsed.GetValue(Capacity)!,
            parsed.GetValue(Rate),
            parsed.GetValue(Clients));
        return new ActivationDrill(options, location) { Progress = progress }.RunAsync(cancellationToken);
    }

    protected override void Write(IAnsiConsole console, ActivationResult result) => ServiceDrillTable.Write(
        console, result, $"Restarts behind a socket that stays, transport {result.Options.Transport}", "restarts", "longest from stopping to ready", result.Away);
}
