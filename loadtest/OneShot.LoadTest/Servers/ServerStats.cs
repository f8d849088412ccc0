using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneShot.LoadTest.Servers;

/// <summary>What the sample's <c>GET /stats</c> says it has cost since it started. What it says besides is left alone.</summary>
internal sealed record ServerStats(
    [property: JsonRequired] string Transport,
    [property: JsonRequired] ArenaStats ProcessArena,
    [property: JsonRequired] long Requests,
    [property: JsonRequired] long ManagedBytesAllocated,
    [property: JsonRequired] long CpuMicroseconds,
    [property: JsonRequired] GcStats Gc)
{
    /// <exception cref="LoadTestException">The text is not what a HeaderServer says.</exception>
    public static ServerStats Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ServerStatsJson.Default.ServerStats) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new LoadTestException($"The server's /stats is not that of a HeaderServer: {exception.Message}");
        }
    }
}

internal sealed record ArenaStats([property: JsonRequired] long Capacity, [property: JsonRequired] long Used);

internal sealed record GcStats([property: JsonRequired] int Gen0, [property: JsonRequired] int Gen1, [property: JsonRequired] int Gen2)
{
    public static GcStats operator -(GcStats end, GcStats start) => new(end.Gen0 - start.Gen0, end.Gen1 - start.Gen1, end.Gen2 - start.Gen2);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServerStats))]
internal sealed partial class ServerStatsJson : JsonSerializerContext;
