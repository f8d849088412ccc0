using System.CommandLine;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using Spectre.Console;

namespace OneShot.LoadTest.Drill.Succession;

/// <summary><c>succession</c>: its options, and what is done with the result.</summary>
internal static class SuccessionCommand
{
    private static readonly Option<Transport> s_transport = new("--transport") { Description = "Which transport serves the socket.", DefaultValueFactory = _ => Transport.OneShot };
    private static readonly Option<int> s_successions = new Option<int>("--successions", "-n") { Description = "The drill is over after that many.", DefaultValueFactory = _ => 20 }.Within(1, 100_000);
    private static readonly Option<int> s_limit = new Option<int>("--limit") { Description = "Or after that many seconds, and has failed then.", DefaultValueFactory = _ => 600, HelpName = "seconds" }.Within(1, 1_000_000);
    private static readonly Option<string> s_capacity = new("--capacity") { Description = "The process arena's cap. Small, so that it fills in seconds.", DefaultValueFactory = _ => "8MiB" };
    private static readonly Option<int> s_rate = new Option<int>("--rate") { Description = "Requests a second.", DefaultValueFactory = _ => 1_000 }.Within(1, 1_000_000);
    private static readonly Option<int> s_clients = new Option<int>("--clients", "-c") { Description = "Clients that send them, one request at a time each.", DefaultValueFactory = _ => 32 }.Within(1, 10_000);
    private static readonly Option<int> s_drainDelay = new Option<int>("--drain-delay") { Description = "How long a process that has been succeeded serves what it has accepted.", DefaultValueFactory = _ => 5, HelpName = "seconds" }.Within(2, 600);

    public static Command Create()
    {
        Command command = new("succession", "Lets one process fill its arena and start its own successor under load, on the same listening socket, with nobody in front and nobody behind, and counts the requests that notice. Any failed one is exit code 1.")
        {
            s_transport, s_successions, s_limit, s_capacity, s_rate, s_clients, s_drainDelay, SharedOptions.Server, SharedOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) =>
            CommandRun.RunAsync(() => RunAsync(parsed, AnsiConsole.Console, cancellationToken), Console.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken)
    {
        SuccessionOptions options = new(
            parsed.GetValue(s_transport),
            parsed.GetValue(s_successions),
            TimeSpan.FromSeconds(parsed.GetValue(s_limit)),
            parsed.GetValue(s_capacity)!,
            parsed.GetValue(s_rate),
            parsed.GetValue(s_clients),
            TimeSpan.FromSeconds(parsed.GetValue(s_drainDelay)));
        SampleLocation location = SampleLocation.Find(parsed.GetValue(SharedOptions.Server));

        SuccessionResult result = await ProgressDisplay.RunAsync(
            console, progress => new SuccessionDrill(options, location) { Progress = progress }.RunAsync(cancellationToken));

        SuccessionTable.Write(console, result);
        SharedOptions.WriteJson(parsed, result);

        return result.Verdict is { } verdict
            ? throw new LoadTestException($"The drill has failed: {verdict}.", ExitCode.Failed)
            : ExitCode.Success;
    }
}
