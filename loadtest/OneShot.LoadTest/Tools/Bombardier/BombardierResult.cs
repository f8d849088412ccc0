using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneShot.LoadTest.Tools.Bombardier;

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
