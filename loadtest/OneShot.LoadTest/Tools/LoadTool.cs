using System.Globalization;
using System.Text;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Tools.Bombardier;
using OneShot.LoadTest.Tools.Wrk;

namespace OneShot.LoadTest.Tools;

/// <summary>A program that sends requests as fast as they are answered.</summary>
internal interface ILoadTool
{
    public string Name { get; }

    /// <summary>Whether fields that change do so with every request. Where they cannot, every request carries the same values.</summary>
    public bool CanChangeHeaders { get; }

    /// <summary>Whether several requests can be sent together on a connection.</summary>
    public bool CanPipeline { get; }

    /// <summary>Whether requests can have a body.</summary>
    public bool CanPost { get; }

    /// <exception cref="LoadTestException">The tool failed, or what it printed is not its result.</exception>
    public Task<LoadOutcome> RunAsync(LoadPlan plan, CancellationToken cancellationToken);
}

/// <summary>What a load tool is told to do: ask this address for that long, over so many kept-alive connections.</summary>
internal sealed record LoadPlan(Uri Url, HeaderSet Headers, int Connections, TimeSpan Duration)
{
    /// <summary>Requests sent together on a connection, before the first of them is answered.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Bytes of a body to POST; null for GET.</summary>
    public int? PostBytes { get; init; }
}

/// <summary>What a load tool has seen.</summary>
/// <param name="Requests">Answers received, whatever their status.</param>
/// <param name="Elapsed">How long the tool was at it.</param>
/// <param name="Latencies">Over all answers.</param>
/// <param name="Not2xx">Answers with a status that is not a success.</param>
/// <param name="Errors">Requests without an answer: refused, reset, timed out.</param>
/// <param name="ErrorTexts">What the tool says of these, if it does.</param>
internal sealed record LoadOutcome(
    long Requests, TimeSpan Elapsed, Latencies Latencies, long Not2xx, long Errors, IReadOnlyList<string> ErrorTexts)
{
    /// <summary>Over the whole run: the mean of a tool's samples would weigh a slow second like a fast one.</summary>
    public double RequestsPerSecond => Requests / Elapsed.TotalSeconds;

    /// <summary>What went wrong, as part of a sentence; null when every request got its success.</summary>
    public string? Failure
    {
        get
        {
            List<string> parts = [];
            if (Not2xx > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Not2xx} of {Requests} answers were not 2xx"));
            }

            if (Errors > 0)
            {
                string texts = ErrorTexts.Count > 0 ? $" ({string.Join("; ", ErrorTexts)})" : "";
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Errors} requests got no answer{texts}"));
            }

            if (parts.Count == 0 && Requests == 0)
            {
                parts.Add("not a single request was answered");
            }

            return parts.Count == 0 ? null : string.Join(", ", parts);
        }
    }
}

/// <summary>In microseconds.</summary>
internal sealed record Latencies(double P50, double P90, double P99, double Max);

/// <summary>Which load tool is used: the one asked for, else Bombardier, else wrk.</summary>
internal static class ToolChoice
{
    public const string Auto = "auto";
    public const string BombardierName = "bombardier";
    public const string WrkName = "wrk";

    /// <param name="name">One of the three names.</param>
    /// <param name="bombardier">Bombardier's path; null looks on the PATH.</param>
    /// <param name="tell">Is told what was chosen instead of what, and why.</param>
    /// <param name="cancellationToken">Ends the question to Bombardier.</param>
    /// <exception cref="LoadTestException">There is none, or not the one that was asked for.</exception>
    public static async Task<ILoadTool> OpenAsync(string name, string? bombardier, Action<string> tell, CancellationToken cancellationToken)
    {
        if (name == WrkName)
        {
            return Wrk() ?? throw new LoadTestException("wrk is not on the PATH: install it ('apt-get install wrk'), or use --tool bombardier.");
        }

        if (bombardier is not null)
        {
            return await BombardierTool.OpenAsync(Executables.Require(bombardier), cancellationToken);
        }

        if (Executables.Find(BombardierName) is not { } found)
        {
            return name == Auto && Wrk() is { } wrk
                ? Instead(wrk, "Bombardier is not on the PATH.", tell)
                : throw new LoadTestException($"{(name == Auto ? "Neither bombardier nor wrk is" : "bombardier is not")} on the PATH: get it from github.com/codesenberg/bombardier and give --bombardier PATH, or install wrk.");
        }

        try
        {
            return await BombardierTool.OpenAsync(found, cancellationToken);
        }
        catch (LoadTestException exception) when (name == Auto && Wrk() is { } wrk)
        {
            return Instead(wrk, exception.Message, tell);
        }
    }

    private static WrkTool? Wrk() => Executables.Find(WrkName) is { } file ? new WrkTool(file) : null;

    private static WrkTool Instead(WrkTool wrk, string reason, Action<string> tell)
    {
        tell($"{reason} Using wrk.");
        return wrk;
    }
}

/// <summary>Runs a tool to its end, and ends it where it does not.</summary>
internal static class ToolRun
{
    /// <returns>Its standard output.</returns>
    /// <exception cref="LoadTestException">It ended with another exit code than 0, or not within <paramref name="limit"/>.</exception>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        string name = Path.GetFileName(file);
        StringBuilder output = new();
        await using ChildProcess process = ChildProcess.Start(file, arguments, onLine: line => output.AppendLine(line));
        try
        {
            int exitCode = await process.Exited.WaitAsync(limit, cancellationToken);
            return exitCode == 0
                ? output.ToString()
                : throw new LoadTestException($"{name} ended with exit code {exitCode}: {process.LastOutput}");
        }
        catch (TimeoutException)
        {
            throw new LoadTestException($"{name} did not end within {limit.TotalSeconds:0} s and was killed: {process.LastOutput}");
        }
    }
}

internal static class ToolText
{
    private const int Shown = 200;

    /// <summary>The beginning of an output on one line, to show what it was instead of what was expected.</summary>
    public static string Beginning(string output)
    {
        string line = output.ReplaceLineEndings(" ").Trim();
        return line.Length switch
        {
            0 => "it printed nothing.",
            <= Shown => line,
            _ => line[..Shown] + "...",
        };
    }
}
