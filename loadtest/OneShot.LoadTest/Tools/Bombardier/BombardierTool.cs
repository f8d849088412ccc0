using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tools.Bombardier;

/// <summary>Bombardier, the HTTP benchmarking tool written in Go. It sends the same headers with every request.</summary>
internal sealed class BombardierTool : ILoadTool
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_helpPatience = TimeSpan.FromSeconds(5);

    private readonly string _file;

    private BombardierTool(string file) => _file = file;

    public string Name => "Bombardier";

    public bool CanChangeHeaders => false;

    public bool CanPipeline => false;

    // Its body comes in an argument or a file of its own; wrk has it in the script.
    public bool CanPost => false;

    /// <summary>Asks the program for its help: Debian has a game of the same name.</summary>
    /// <exception cref="LoadTestException">It is another program.</exception>
    public static async Task<BombardierTool> OpenAsync(string file, CancellationToken cancellationToken)
    {
        await using ChildProcess process = ChildProcess.Start(file, ["--help"], keptLines: 500);
        Task help = await Task.WhenAny(process.Exited, Task.Delay(s_helpPatience, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return help == process.Exited && process.LastOutput.Contains("--latencies", StringComparison.Ordinal)
            ? new BombardierTool(file)
            : throw new LoadTestException($"'{file}' is not the HTTP benchmarking tool: its --help knows no --latencies. (Debian's package of that name is a game.) Get it from github.com/codesenberg/bombardier, or use --tool wrk.");
    }

    public static IEnumerable<string> Arguments(LoadPlan plan) =>
    [
        "--connections", plan.Connections.ToString(CultureInfo.InvariantCulture),
        "--duration", string.Create(CultureInfo.InvariantCulture, $"{plan.Duration.TotalMilliseconds:0}ms"),
        "--timeout", "10s",
        "--print", "r",
        "--format", "json",
        "--latencies",
        .. plan.Headers.Fields.SelectMany(field => new[] { "--header", $"{field.Name}: {field.At(1)}" }),
        .. plan.Url.Scheme == Uri.UriSchemeHttps ? ["--insecure"] : Array.Empty<string>(),
        plan.Url.AbsoluteUri,
    ];

    public async Task<LoadOutcome> RunAsync(LoadPlan plan, CancellationToken cancellationToken) =>
        BombardierResult.Parse(await ToolRun.RunAsync(_file, Arguments(plan), plan.Duration + s_patience, cancellationToken));
}

/// <summary>Bombardier's <c>--print r --format json --latencies</c>, as far as it is used. Its latencies are microseconds.</summary>
internal sealed record BombardierResult(
    double TimeTakenSeconds,
    [property: JsonPropertyName("req1xx")] long Informational,
    [property: JsonPropertyName("req2xx")] long Successes,
    [property: JsonPropertyName("req3xx")] long Redirects,
    [property: JsonPropertyName("req4xx")] long ClientErrors,
    [property: JsonPropertyName("req5xx")] long ServerErrors,
    long Others,
    BombardierLatency Latency,
    IReadOnlyList<BombardierError>? Errors = null)
{
    /// <exception cref="LoadTestException">The text is not such a result.</exception>
    public static LoadOutcome Parse(string output)
    {
        BombardierResult result;
        try
        {
            result = JsonSerializer.Deserialize(output, BombardierJson.Default.BombardierOutput)?.Result ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new LoadTestException($"Bombardier's output is not its JSON result ({exception.Message}): {ToolText.Beginning(output)}");
        }

        long failures = result.Informational + result.Redirects + result.ClientErrors + result.ServerErrors;
        return new LoadOutcome(
            result.Successes + failures,
            TimeSpan.FromSeconds(result.TimeTakenSeconds),
            new Latencies(result.Percentile("50"), result.Percentile("90"), result.Percentile("99"), result.Latency.Max),
            failures,
            result.Others,
            [.. (result.Errors ?? []).Select(error => error.Description)]);
    }

    private double Percentile(string key) => Latency.Percentiles.TryGetValue(key, out double value)
        ? value
        : throw new LoadTestException($"Bombardier's output has no {key} % percentile: it must be run with --latencies.");
}

internal sealed record BombardierLatency(double Max, IReadOnlyDictionary<string, double> Percentiles);

internal sealed record BombardierError(string Description, long Count);

internal sealed record BombardierOutput(BombardierResult Result);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BombardierOutput))]
internal sealed partial class BombardierJson : JsonSerializerContext;
