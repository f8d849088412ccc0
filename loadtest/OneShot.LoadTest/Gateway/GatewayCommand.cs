using System.CommandLine;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;
using Spectre.Console;

namespace OneShot.LoadTest.Gateway;

/// <summary><c>gateway</c>: its options, and what is done with the result.</summary>
internal static class GatewayCommand
{
    private const string AllRoutes = "all";
    private const string Program = "Gateway";
    private const int WidthOfFile = 120;

    private static readonly Option<string> s_sides = new("--sides", "-s")
    {
        Description = "The gateways to set beside each other, at least two: stock, all, or some of front, cache and transport, as front+cache. The first is what the others are compared with.",
        DefaultValueFactory = _ => GatewaySideList.Default,
        HelpName = "side,side,...",
    };

    private static readonly Option<string[]> s_routes = new("--routes", "-r")
    {
        Description = "Which ways through the gateway: " + string.Join("; ", GatewayRoute.All.Select(route => $"{route.Name} ({route.Description})")) + ".",
        DefaultValueFactory = _ => [AllRoutes],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> s_subjects = new Option<int>("--subjects") { Description = "Callers, each with a token of its own, in turn on every connection. Needs wrk; other tools send one token.", DefaultValueFactory = _ => 100 }.Within(1, 500);
    private static readonly Option<string?> s_server = new("--server") { Description = "The gateway to start (program or .dll), if not the one built along with this.", HelpName = "path" };

    public static Command Create()
    {
        s_routes.AcceptOnlyFromAmong([AllRoutes, .. GatewayRoute.All.Select(route => route.Name)]);
        Command command = new("gateway", "Measures samples/Gateway before a backend, with and without each line of OneShot, in turn: requests a second, latencies, CPU and managed memory a request.")
        {
            s_sides, s_routes, TurnOptions.Rounds, TurnOptions.Duration, TurnOptions.WarmUp, TurnOptions.Connections, s_subjects, TurnOptions.Tool, TurnOptions.Bombardier, s_server, SharedOptions.Json, SharedOptions.Report,
        };
        command.SetAction((parsed, cancellationToken) =>
            CommandRun.RunAsync(() => RunAsync(parsed, AnsiConsole.Console, cancellationToken), Console.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken)
    {
        GatewayOptions options = Read(parsed);
        SampleLocation location = SampleLocation.Find(parsed.GetValue(s_server), Program);
        ILoadTool tool = await TurnOptions.OpenToolAsync(parsed, console, cancellationToken);

        GatewayResult result = await ProgressDisplay.RunAsync(
            console, progress => new GatewayComparison(options, location, tool) { Progress = progress }.RunAsync(cancellationToken));

        SharedOptions.FitToFile(console, WidthOfFile);
        GatewayTable.Write(console, result);
        SharedOptions.WriteJson(parsed, result);
        if (parsed.GetValue(SharedOptions.Report) is { } report)
        {
            MarkdownPage.Write(report, name => GatewayMarkdown.Page(result, name));
        }

        return ExitCode.Success;
    }

    private static GatewayOptions Read(ParseResult parsed)
    {
        string[] names = parsed.GetValue(s_routes)!;
        return new GatewayOptions(
            GatewaySideList.Parse(parsed.GetValue(s_sides)!),
            [.. GatewayRoute.All.Where(route => names.Contains(AllRoutes) || names.Contains(route.Name))],
            parsed.GetValue(TurnOptions.Rounds),
            TimeSpan.FromSeconds(parsed.GetValue(TurnOptions.Duration)),
            TimeSpan.FromSeconds(parsed.GetValue(TurnOptions.WarmUp)),
            parsed.GetValue(TurnOptions.Connections),
            parsed.GetValue(s_subjects));
    }
}
