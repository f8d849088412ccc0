using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneShot.LoadTest.Tools.Wrk;

/// <summary>wrk, with a script: header fields that change do so with every request.</summary>
internal sealed class WrkTool(string file) : ILoadTool
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public string Name => "wrk";

    public bool CanChangeHeaders => true;

    public bool CanPipeline => true;

    public bool CanPost => true;

    public async Task<LoadOutcome> RunAsync(LoadPlan plan, CancellationToken cancellationToken)
    {
        string script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, WrkScript.Write(plan.Headers, plan.Pipeline, plan.PostBytes), cancellationToken);
            return WrkResult.Parse(await ToolRun.RunAsync(file, Arguments(plan, script), plan.Duration + s_patience, cancellationToken));
        }
        finally
        {
            File.Delete(script);
        }
    }

    // Half of the cores: the server is to have the others.
    private static IEnumerable<string> Arguments(LoadPlan plan, string script) =>
    [
        "--threads", Math.Clamp(Environment.ProcessorCount / 2, 1, plan.Connections).ToString(CultureInfo.InvariantCulture),
        "--connections", plan.Connections.ToString(CultureInfo.InvariantCulture),
        "--duration", string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(plan.Duration.TotalSeconds):0}s"),
        "--timeout", "10s",
        "--script", script,
        plan.Url.AbsoluteUri,
    ];
}

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

/// <summary>The Lua script for a header set: it sends other values with every request and prints the result as JSON.</summary>
internal static class WrkScript
{
    private const string Resource = "wrk.lua";

    public static string Write(HeaderSet headers, int pipeline = 1, int? postBytes = null)
    {
        StringBuilder script = new("fields = {");
        foreach (HeaderField field in headers.Fields)
        {
            script.Append("{ ").AppendJoin(", ", [Quote(field.Name), Quote(field.Value), .. field.Others.Select(Quote)]).Append(" }, ");
        }

        script.Append(CultureInfo.InvariantCulture, $"}}\npipeline = {pipeline}\npost = {postBytes?.ToString(CultureInfo.InvariantCulture) ?? "nil"}\n");
        using StreamReader rest = new(typeof(WrkScript).Assembly.GetManifestResourceStream(Resource)!);
        return script.Append(rest.ReadToEnd()).ToString();
    }

    // Header fields are printable ASCII; of that a Lua string minds two characters.
    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
