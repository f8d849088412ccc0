using System.CommandLine;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;
using Spectre.Console;

namespace OneShot.LoadTest.Compare;

/// <summary><c>compare</c>: its options, and what is done with the result.</summary>
internal static class CompareCommand
{
    private const string AllSets = "all";

    private const int WidthOfFile = 120;

    private const int MostPosted = 4 << 20;

    private static readonly Option<string[]> s_headers = new("--headers", "-H")
    {
        Description = "Which requests to send: " + string.Join("; ", HeaderSets.All.Select(set => $"{set.Name} ({set.Description})")) + ".",
        DefaultValueFactory = _ => [AllSets],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string> s_sides = new("--sides", "-s")
    {
        Description = "The servers to set beside each other, at least two: Kestrel/Sockets, OneShot/Sockets, OneShot/OneShot, Kestrel/OneShot (front/transport of the sample), Nginx where it is installed. The first is what the others are compared with.",
        DefaultValueFactory = _ => SideList.Default,
        HelpName = "side,side,...",
    };

    private static readonly Option<int> s_pipeline = new Option<int>("--pipeline") { Description = "Requests sent together on a connection, before the first of them is answered. More than one needs wrk.", DefaultValueFactory = _ => 1, HelpName = "requests" }.Within(1, 64);
    private static readonly Option<int?> s_post = new("--post") { Description = "Sends a body of that many bytes with every request, up to 4 MiB. Needs wrk.", HelpName = "bytes" };
    private static readonly Option<bool> s_tls = new("--tls") { Description = "Over TLS, with a certificate that signs itself." };
    private static readonly Option<string?> s_path = new("--path") { Description = "What to ask for: /plaintext, the default, is the least a server can answer; /headers writes all headers back; /echo, the default with --post, the body." };
    private static readonly Option<string> s_capacity = new("--capacity") { Description = "The process arena's cap, for each side. Must hold all runs together, or requests spill to the GC heap (the report says so).", DefaultValueFactory = _ => "8GiB" };
    private static readonly Option<string> s_reclamation = new("--reclamation") { Description = "What the arena does at the end of a request.", DefaultValueFactory = _ => "Never" };
    private static readonly Option<int> s_port = new Option<int>("--port") { Description = "Port of the first side; the others take the next ones. 0 takes any that are free.", DefaultValueFactory = _ => 0 }.Within(0, 65_000);

    public static Command Create()
    {
        s_headers.AcceptOnlyFromAmong([AllSets, .. HeaderSets.All.Select(set => set.Name)]);
        s_reclamation.AcceptOnlyFromAmong("Never", "PerRequest", "Generational");
        s_post.Validators.Add(result => OptionBounds.Check(result, 0, MostPosted));
        Command command = new("compare", "Measures the sample on stock Kestrel and on the front, or other sides, in turn: requests a second, latencies, CPU and memory a request.")
        {
            s_sides, s_headers, TurnOptions.Rounds, TurnOptions.Duration, TurnOptions.WarmUp, TurnOptions.Connections, s_pipeline, s_post, s_tls, s_path, s_capacity, s_reclamation, TurnOptions.Tool, TurnOptions.Bombardier, SharedOptions.Server, s_port, SharedOptions.Json, SharedOptions.Report,
        };
        command.SetAction((parsed, cancellationToken) =>
            CommandRun.RunAsync(() => RunAsync(parsed, AnsiConsole.Console, cancellationToken), Console.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken)
    {
        ComparisonOptions options = Read(parsed);
        SampleLocation location = SampleLocation.Find(parsed.GetValue(SharedOptions.Server));
        ILoadTool tool = await TurnOptions.OpenToolAsync(parsed, console, cancellationToken);
        if (options.Pipeline > 1 && !tool.CanPipeline)
        {
            throw new LoadTestException($"{tool.Name} sends one request at a time on a connection: --pipeline {options.Pipeline} needs --tool wrk.");
        }

        if (options.PostBytes is not null && !tool.CanPost)
        {
            throw new LoadTestException($"{tool.Name} sends no bodies here: --post {options.PostBytes} needs --tool wrk.");
        }

        if (options.Sides.Any(side => side is NginxSide))
        {
            NginxServer.Find();
        }

        foreach (int port in options.Sides.Select((_, side) => options.PortOf(side)).Where(port => port != 0 && !Ports.IsFree(port)))
        {
            throw new LoadTestException($"Port {port} is in use (--port): choose another, or 0 for any free one.");
        }

        ComparisonResult result = await ProgressDisplay.RunAsync(
            console, progress => new Comparison(options, location, tool) { Progress = progress }.RunAsync(cancellationToken));

        SharedOptions.FitToFile(console, WidthOfFile);

        ComparisonTable.Write(console, result);
        SharedOptions.WriteJson(parsed, result);

        if (parsed.GetValue(SharedOptions.Report) is { } report)
        {
            MarkdownPage.Write(report, name => ComparisonMarkdown.Page(result, name));
        }

        return ExitCode.Success;
    }

    private static ComparisonOptions Read(ParseResult parsed)
    {
        string[] names = parsed.GetValue(s_headers)!;
        int? post = parsed.GetValue(s_post);
        return new ComparisonOptions(
            SideList.Parse(parsed.GetValue(s_sides)!),
            [.. HeaderSets.All.Where(set => names.Contains(AllSets) || names.Contains(set.Name))],
            parsed.GetValue(TurnOptions.Rounds),
            TimeSpan.FromSeconds(parsed.GetValue(TurnOptions.Duration)),
            TimeSpan.FromSeconds(parsed.GetValue(TurnOptions.WarmUp)),
            parsed.GetValue(TurnOptions.Connections),
            parsed.GetValue(s_path) ?? (post is null ? "/plaintext" : "/echo"),
            parsed.GetValue(s_capacity)!,
            parsed.GetValue(s_reclamation)!)
        {
            Pipeline = parsed.GetValue(s_pipeline),
            PostBytes = post,
            Tls = parsed.GetValue(s_tls),
            FirstPort = parsed.GetValue(s_port),
        };
    }
}

/// <summary>What <c>compare</c> was asked to do.</summary>
/// <param name="Sides">At least two; the first one is what the others are compared with.</param>
internal sealed record ComparisonOptions(
    IReadOnlyList<Side> Sides,
    IReadOnlyList<HeaderSet> HeaderSets,
    int Rounds,
    TimeSpan Duration,
    TimeSpan WarmUp,
    int Connections,
    string Path,
    string Capacity,
    string Reclamation)
{
    /// <summary>Requests sent together on a connection, before the first of them is answered.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Bytes of a body to POST; null for GET.</summary>
    public int? PostBytes { get; init; }

    public bool Tls { get; init; }

    /// <summary>Port of the first side; the others take the next ones. 0 takes any that are free.</summary>
    public int FirstPort { get; init; }

    public int PortOf(int side) => FirstPort == 0 ? 0 : FirstPort + side;
}
