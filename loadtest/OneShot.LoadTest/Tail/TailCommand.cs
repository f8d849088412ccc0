using System.CommandLine;
using System.Globalization;
using OneShot.LoadTest.Drill.Balancing;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using Spectre.Console;

namespace OneShot.LoadTest.Tail;

/// <summary><c>tail</c>: its options, and what is done with the result.</summary>
internal static class TailCommand
{
    /// <summary>A file has no edge that the table would have to wrap at.</summary>
    private const int WidthOfFile = 150;

    private const int MostGarbage = 1 << 20;

    private static readonly Option<string> s_sides = new("--sides", "-s")
    {
        Description = "What to set beside each other: stock (Kestrel), front, budget (the front with a heap budget), gen0size (Kestrel with DOTNET_GCgen0size).",
        DefaultValueFactory = _ => TailSides.Default,
        HelpName = "side,side,...",
    };

    private static readonly Option<int[]> s_garbage = new("--garbage", "-g")
    {
        Description = "Bytes that each request leaves on the GC's heap. Several sizes are measured one after the other.",
        DefaultValueFactory = _ => [1_000, 10_000, 50_000],
        AllowMultipleArgumentsPerToken = true,
        HelpName = "bytes",
    };

    private static readonly Option<int> s_rate = new Option<int>("--rate", "-r") { Description = "Requests a second, sent whatever becomes of those before. Stay below what the server can do: beyond it, latency is the length of the queue.", DefaultValueFactory = _ => 1_000 }.Within(1, 1_000_000);
    private static readonly Option<int> s_connections = new Option<int>("--connections", "-c") { Description = "Keep-alive connections, one request at a time each.", DefaultValueFactory = _ => 64 }.Within(1, 10_000);
    private static readonly Option<int> s_seconds = new Option<int>("--duration", "-d") { Description = "Seconds of one turn.", DefaultValueFactory = _ => 300, HelpName = "seconds" }.Within(1, 86_400);
    private static readonly Option<int> s_warmUp = new Option<int>("--warm-up") { Description = "Seconds of load before each turn; nothing of it is counted, but its garbage is part of a heap budget.", DefaultValueFactory = _ => 10, HelpName = "seconds" }.Within(0, 3_600);
    private static readonly Option<int> s_rounds = new Option<int>("--rounds", "-n") { Description = "Turns of each side; the order turns round by round. Percentiles are of all turns of a side together.", DefaultValueFactory = _ => 1 }.Within(1, 1_000);
    private static readonly Option<int> s_live = new Option<int>("--live") { Description = "MiB of small objects that stay on the server's heap, of each replica.", DefaultValueFactory = _ => 1_024, HelpName = "MiB" }.Within(0, 65_536);
    private static readonly Option<string> s_heapBudget = new("--heap-budget") { Description = "Of the side budget, as OneShot:Heap:Budget, of each replica.", DefaultValueFactory = _ => "2GiB", HelpName = "size" };
    private static readonly Option<int> s_gen0Size = new Option<int>("--gen0size") { Description = "Of the side gen0size, as DOTNET_GCgen0size.", DefaultValueFactory = _ => 256, HelpName = "MiB" }.Within(1, 65_536);
    private static readonly Option<Transport> s_transport = new("--transport") { Description = "What brings the bytes, on every side.", DefaultValueFactory = _ => Transport.Sockets };

    private static readonly Option<int> s_replicas = new Option<int>("--replicas") { Description = "Processes of each side. Several stand behind HAProxy, and those of the side budget are restarted when it is nearly used up: give a budget that is, within a turn.", DefaultValueFactory = _ => 1 }.Within(1, 64);
    private static readonly Option<int> s_drainDelay = new Option<int>("--drain-delay") { Description = "Of replicas: how long one that is to restart serves on, until the balancer has noticed. It looks ten times as often.", DefaultValueFactory = _ => 10, HelpName = "seconds" }.Within(1, 600);

    public static Command Create()
    {
        s_garbage.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => int.TryParse(token.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int bytes) && bytes is < 0 or > MostGarbage))
            {
                result.AddError($"--garbage: give 0 to {MostGarbage}.");
            }
        });
        Command command = new("tail", "Measures the latency of the slowest requests, at a constant rate and from when each was due: stock Kestrel, the front, a heap budget, DOTNET_GCgen0size, in turn. Any failed request is exit code 1.")
        {
            s_sides, s_garbage, s_rate, s_connections, s_seconds, s_warmUp, s_rounds, s_live, s_heapBudget, s_gen0Size, s_transport, s_replicas, s_drainDelay, SharedOptions.HaProxy, SharedOptions.Server, SharedOptions.Json, SharedOptions.Report,
        };
        command.SetAction((parsed, cancellationToken) =>
            CommandRun.RunAsync(() => RunAsync(parsed, AnsiConsole.Console, cancellationToken), Console.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken)
    {
        TailOptions options = new(
            TailSides.Parse(parsed.GetValue(s_sides)!),
            parsed.GetValue(s_garbage)!,
            parsed.GetValue(s_rounds),
            TimeSpan.FromSeconds(parsed.GetValue(s_seconds)),
            TimeSpan.FromSeconds(parsed.GetValue(s_warmUp)),
            parsed.GetValue(s_rate),
            parsed.GetValue(s_connections),
            parsed.GetValue(s_live),
            parsed.GetValue(s_heapBudget)!,
            parsed.GetValue(s_gen0Size),
            parsed.GetValue(s_transport))
        {
            Replicas = parsed.GetValue(s_replicas),
            DrainDelay = TimeSpan.FromSeconds(parsed.GetValue(s_drainDelay)),
        };
        string? haProxy = options.Replicas > 1 ? HaProxy.Find(parsed.GetValue(SharedOptions.HaProxy)) : null;
        SampleLocation location = SampleLocation.Find(parsed.GetValue(SharedOptions.Server));

        TailResult result = await ProgressDisplay.RunAsync(
            console, progress => new TailBenchmark(options, location, haProxy) { Progress = progress }.RunAsync(cancellationToken));

        SharedOptions.FitToFile(console, WidthOfFile);

        TailTable.Write(console, result);
        SharedOptions.WriteJson(parsed, result);

        if (parsed.GetValue(SharedOptions.Report) is { } report)
        {
            MarkdownPage.Write(report, name => TailMarkdown.Page(result, name));
        }

        return result.Failed == 0
            ? ExitCode.Success
            : throw new LoadTestException($"{Figures.Count(result.Failed)} requests have failed: their latencies count, and say nothing.", ExitCode.Failed);
    }
}
