using System.Globalization;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Gateway;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A comparison of gateways on the console.</summary>
internal static class GatewayTable
{
    public static void Write(IAnsiConsole console, GatewayResult result)
    {
        foreach (RouteResult route in result.Routes)
        {
            console.Write(RowTable.Of(GatewayRows.Title(route), GatewayRows.Columns, GatewayRows.Of(route)));
            foreach (string remark in GatewayRows.Remarks(route))
            {
                console.MarkupLineInterpolated($"{remark}");
            }

            console.WriteLine();
        }

        foreach (string note in GatewayNotes.Of(result))
        {
            console.MarkupLineInterpolated($"[grey]{note}[/]");
        }
    }
}

/// <summary>The same as a Markdown page.</summary>
internal static class GatewayMarkdown
{
    /// <param name="result">What was measured.</param>
    /// <param name="name">Of the page.</param>
    public static MarkdownPage Page(GatewayResult result, string name)
    {
        MarkdownPage page = new(name, $"A gateway, side by side: {string.Join(", ", result.Options.Sides)}");
        page.AddList(GatewayNotes.Of(result));
        foreach (RouteResult route in result.Routes)
        {
            page.AddSection(GatewayRows.Title(route), GatewayRows.Columns, GatewayRows.Of(route), GatewayRows.Remarks(route));
        }

        return page;
    }
}

/// <summary>The table of a route, on the console and in Markdown alike: a row a side.</summary>
internal static class GatewayRows
{
    /// <summary>The first stands left, the others right.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["", "requests a second", "ratio", "CPU a request", "ratio", "managed bytes", "ratio", "p50", "ratio", "p99", "ratio"];

    public static string Title(RouteResult route) => $"{route.Route.Name}: {route.Route.Description}";

    /// <summary>A cell a column. Ratios are of the medians, to the first side's.</summary>
    public static IEnumerable<IReadOnlyList<string>> Of(RouteResult route)
    {
        SideResult first = route.Sides[0];
        return route.Sides.Select(side => (IReadOnlyList<string>)
        [
            side.Side.Name,
            Figures.Count(side.RequestsPerSecond),
            Figures.Ratio(side.RequestsPerSecond, first.RequestsPerSecond),
            Figures.Cpu(side.CpuMicroseconds),
            Figures.Ratio(side.CpuMicroseconds, first.CpuMicroseconds),
            Figures.Bytes(side.Memory!.ManagedBytes),
            Figures.Ratio(side.Memory.ManagedBytes, first.Memory!.ManagedBytes),
            Figures.Latency(side.P50),
            Figures.Ratio(side.P50, first.P50),
            Figures.Latency(side.P99),
            Figures.Ratio(side.P99, first.P99),
        ]);
    }

    /// <summary>What stands below the table: how far the rounds lie apart.</summary>
    public static IEnumerable<string> Remarks(RouteResult route)
    {
        for (int side = 1; side < route.Sides.Count; side++)
        {
            double[] ratios = [.. route.Rounds.Select(round => round.CpuRatio(side))];
            yield return $"CPU a request of {route.Sides[side].Side.Name} round by round: {Figures.Ratio(ratios.Min())} to {Figures.Ratio(ratios.Max())} times that of {route.Sides[0].Side.Name}.";
        }

        for (int side = 0; side < route.Sides.Count; side++)
        {
            double[] bytes = [.. route.Rounds.Select(round => round.Runs[side].Cost.Memory!.ManagedBytes)];
            yield return $"Managed bytes of {route.Sides[side].Side.Name} round by round: {Figures.Bytes(bytes.Min())} to {Figures.Bytes(bytes.Max())}.";
        }
    }
}

/// <summary>What a reader must know to read the figures right.</summary>
internal static class GatewayNotes
{
    public static IEnumerable<string> Of(GatewayResult result)
    {
        GatewayOptions options = result.Options;
        yield return string.Create(CultureInfo.InvariantCulture, $"{result.Machine.Processor}, {result.Machine.Cores} cores shared by gateway, backend and tool; {result.Machine.System}; {result.Machine.Runtime}.");
        yield return string.Create(CultureInfo.InvariantCulture, $"{result.Tool}, {options.Connections} connections; medians of {options.Rounds} runs of {options.Duration.TotalSeconds:0} s, in turn; ratios are of the medians, to those of {options.Sides[0]}.");
        yield return "CPU and managed bytes are the gateway's own; what backend and tool take of the machine is in requests a second and latencies.";
        yield return result.HeadersChange
            ? string.Create(CultureInfo.InvariantCulture, $"{options.Subjects} callers, each with a token of its own, which the requests carry in turn; cookies and trace context are others in each of some hundred requests that come in turn.")
            : "Every request carries the same token and header values, because the tool cannot change them.";
        if (result.Machine.DebugBuild)
        {
            yield return "WARNING: the gateway is a Debug build. Build it with -c Release for figures that mean something.";
        }

        foreach (RouteResult route in result.Routes.Where(static route => route.ArenaFull))
        {
            yield return $"WARNING: on the route '{route.Route.Name}' the arena has run full and requests spilled to the GC heap: give fewer rounds or a shorter duration.";
        }
    }
}
