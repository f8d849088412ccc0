using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneShot.LoadTest.Tools.Wrk;

/// <summary>
/// The line that the script prints at the end. <c>Status</c> counts 4xx and 5xx: wrk knows no other failures, so a caller asks the
/// address once beforehand.
/// </summary>
internal sealed record WrkResult(
    long Requests, long Microseconds, double P50, double P90, double P99, double Max, long Status, long Connect, long Read, long Write, long Timeout)
{
    public const string Marker = "oneshot-load: ";

    /// <exception cref="LoadTestException">There is no such line.</exception>
    public static LoadOutcome Parse(string output)
    {
        string line = output.Split('\n').LastOrDefault(line => line.StartsWith(Marker, StringComparison.Ordinal))
            ?? throw new LoadTestException($"wrk's output has no result: {ToolText.Beginning(output)}");
        WrkResult result;
        try
        {
            result = JsonSerializer.Deserialize(line[Marker.Length..], WrkJson.Default.WrkResult) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new LoadTestException($"wrk's result is cut or changed ({exception.Message}): {ToolText.Beginning(line)}");
        }

        return new LoadOutcome(
            result.Requests,
            TimeSpan.FromMicroseconds(result.Microseconds),
            new Latencies(result.P50, result.P90, result.P99, result.Max),
            result.Status,
            result.Connect + result.Read + result.Write + result.Timeout,
            [.. result.ErrorTexts()]);
    }

    private IEnumerable<string> ErrorTexts()
    {
        foreach ((string name, long count) in new[] { ("connect", Connect), ("read", Read), ("write", Write), ("timeout", Timeout) })
        {
            if (count > 0)
            {
                yield return $"{name} {count}";
            }
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(WrkResult))]
internal sealed partial class WrkJson : JsonSerializerContext;
