using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Servers;

/// <summary>A server that listens, outside of this process. Disposing it ends it.</summary>
internal interface IServer : IAsyncDisposable
{
    public string Name { get; }

    public Uri Address { get; }

    /// <summary>Does <paramref name="work"/>, which ends with an exception as soon as the server does.</summary>
    /// <exception cref="LoadTestException">The server died meanwhile.</exception>
    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Does <paramref name="load"/>, and reads before and after it what the server has cost.</summary>
    /// <exception cref="LoadTestException">The server died meanwhile, or does not tell.</exception>
    public Task<(LoadOutcome Load, ServerCost Cost)> MeasureAsync(Func<CancellationToken, Task<LoadOutcome>> load, CancellationToken cancellationToken);
}

/// <summary>A client for the few requests of our own, beside those of the tools.</summary>
internal static class ServerClient
{
    /// <param name="certificate">What the server must show over TLS; null for servers without.</param>
    public static HttpClient Create(ServerCertificate? certificate)
    {
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseProxy = false };
        if (certificate is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Is(shown);
        }

        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
    }
}

/// <summary>Asks a running sample what it has cost.</summary>
/// <remarks>Thread-safe. Where it does not answer, <see cref="HttpRequestException"/>; <see cref="LoadTestException"/> where it is no HeaderServer.</remarks>
internal sealed class FiguresClient : IDisposable
{
    private readonly HttpClient _client;

    public FiguresClient(Uri address, ServerCertificate? certificate = null)
    {
        _client = ServerClient.Create(certificate);
        _client.BaseAddress = address;
    }

    public async Task<ServerStats> ReadStatsAsync(CancellationToken cancellationToken) =>
        ServerStats.Parse(await _client.GetStringAsync(new Uri("/stats", UriKind.Relative), cancellationToken));

    /// <summary>Every pause of its GC since its start; it must have been started with <c>OneShot:GcPauses</c>.</summary>
    public async Task<IReadOnlyList<GcPause>> ReadGcPausesAsync(CancellationToken cancellationToken) =>
        GcPause.Parse(await _client.GetStringAsync(new Uri("/gc-pauses", UriKind.Relative), cancellationToken));

    public void Dispose() => _client.Dispose();
}

/// <summary>What one run has cost the server, by two readings of its own counters or the system's.</summary>
/// <param name="CpuMicroseconds">User and system time a request, of all its processes.</param>
/// <param name="Memory">Null for a server that has neither a GC heap nor an arena.</param>
internal sealed record ServerCost(double CpuMicroseconds, MemoryCost? Memory)
{
    /// <summary>Does <paramref name="load"/>, and reads the server's figures before and after it.</summary>
    public static async Task<(LoadOutcome Load, ServerCost Cost)> MeasureAsync(
        Func<CancellationToken, Task<ServerStats>> readStats, Func<CancellationToken, Task<LoadOutcome>> load, CancellationToken cancellationToken)
    {
        ServerStats start = await readStats(cancellationToken);
        LoadOutcome outcome = await load(cancellationToken);
        return (outcome, Between(start, await readStats(cancellationToken)));
    }

    public static ServerCost Between(ServerStats start, ServerStats end)
    {
        double requests = Math.Max(1, end.Requests - start.Requests);
        return new ServerCost(
            (end.CpuMicroseconds - start.CpuMicroseconds) / requests,
            new MemoryCost(
                (end.ManagedBytesAllocated - start.ManagedBytesAllocated) / requests,
                (end.ProcessArena.Used - start.ProcessArena.Used) / requests,
                end.Gc - start.Gc,
                end.ProcessArena.Capacity > 0 && end.ProcessArena.Used >= end.ProcessArena.Capacity * 0.999));
    }
}

/// <param name="ManagedBytes">Allocated on the GC heap a request.</param>
/// <param name="ArenaBytes">Taken from the process arena a request; with a reclaiming arena next to nothing.</param>
/// <param name="Gc">Collections during the run.</param>
/// <param name="ArenaFull">The arena has reached its end, so that requests spilled to the GC heap: the figures are not of this design.</param>
internal sealed record MemoryCost(double ManagedBytes, double ArenaBytes, GcStats Gc, bool ArenaFull);

/// <summary>What the sample's <c>GET /stats</c> says it has cost since it started. What it says besides is left alone.</summary>
internal sealed record ServerStats(
    [property: JsonRequired] string Transport,
    [property: JsonRequired] ArenaStats ProcessArena,
    [property: JsonRequired] long Requests,
    [property: JsonRequired] long ManagedBytesAllocated,
    [property: JsonRequired] long CpuMicroseconds,
    [property: JsonRequired] GcStats Gc,
    HeapStats? Heap = null,
    IReadOnlyList<MemoryStats>? Memory = null)
{
    /// <exception cref="LoadTestException">The text is not what a HeaderServer says.</exception>
    public static ServerStats Parse(string json) => ServerStatsJson.Parse(json, ServerStatsJson.Default.ServerStats, "The server's /stats is not that");
}

/// <summary>A source of the restart ladder: the arena, the heap budget, the container, the GC's heap.</summary>
internal sealed record MemoryStats([property: JsonRequired] string Source, [property: JsonRequired] long Limit, [property: JsonRequired] long Used, [property: JsonRequired] double DrainAt);

/// <summary>The heap budget; null without one.</summary>
internal sealed record HeapStats([property: JsonRequired] long Limit, [property: JsonRequired] long Used);

internal sealed record ArenaStats([property: JsonRequired] long Capacity, [property: JsonRequired] long Used);

internal sealed record GcStats([property: JsonRequired] int Gen0, [property: JsonRequired] int Gen1, [property: JsonRequired] int Gen2)
{
    public static GcStats operator -(GcStats end, GcStats start) => new(end.Gen0 - start.Gen0, end.Gen1 - start.Gen1, end.Gen2 - start.Gen2);
}

/// <summary>A pause of the server's GC, as the sample's <c>GET /gc-pauses</c> says it.</summary>
/// <param name="At">When it began, UTC.</param>
/// <param name="Microseconds">How long it took.</param>
internal sealed record GcPause([property: JsonRequired] DateTime At, [property: JsonRequired] double Microseconds)
{
    /// <exception cref="LoadTestException">The text is not what a HeaderServer says.</exception>
    public static IReadOnlyList<GcPause> Parse(string json) => ServerStatsJson.Parse(json, ServerStatsJson.Default.GcPauseArray, "The server's /gc-pauses is not that");
}

/// <summary>What the sample says of itself in its output when it listens, and once more when it has stopped: with <c>OneShot:GcPauses</c>, a line each.</summary>
internal sealed record LifeFigures([property: JsonRequired] ServerStats Stats, [property: JsonRequired] IReadOnlyList<GcPause> GcPauses)
{
    private const string AtStart = "Figures at the start: ";
    private const string AtEnd = "Figures at the end: ";

    /// <returns>The figures; null for a line of another kind.</returns>
    /// <exception cref="LoadTestException">The line is cut off, or its text not what a HeaderServer says.</exception>
    public static (LifeFigures Figures, bool HasEnded)? Read(string line) =>
        line.StartsWith(AtStart, StringComparison.Ordinal) ? (Parse(line[AtStart.Length..]), false)
        : line.StartsWith(AtEnd, StringComparison.Ordinal) ? (Parse(line[AtEnd.Length..]), true)
        : null;

    private static LifeFigures Parse(string json) => ServerStatsJson.Parse(json, ServerStatsJson.Default.LifeFigures, "The server's figures are not those");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServerStats))]
[JsonSerializable(typeof(GcPause[]))]
[JsonSerializable(typeof(LifeFigures))]
internal sealed partial class ServerStatsJson : JsonSerializerContext
{
    /// <param name="json">What a server has said.</param>
    /// <param name="type">Of what it should be.</param>
    /// <param name="fault">How a message begins that says that it is not: up to "of a HeaderServer".</param>
    /// <exception cref="LoadTestException">It is not.</exception>
    public static T Parse<T>(string json, JsonTypeInfo<T> type, string fault)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new LoadTestException($"{fault} of a HeaderServer: {exception.Message}");
        }
    }
}
