using System.Text.Json.Serialization;
using HeaderServer.Stats;

namespace HeaderServer.Page;

/// <summary>What the page is told every second.</summary>
/// <param name="Process">Host and process id: behind a balancer it may be another one after a reconnect.</param>
/// <param name="Instance">Of each start its own: a restarted container has the host and the process id that it had before.</param>
/// <param name="UptimeSeconds">By the process's own clock, for rates between two readings.</param>
/// <param name="WarnAt">Share of the capacity, as the two that follow.</param>
/// <param name="DrainAt">With this process's jitter.</param>
/// <param name="LiveAt">The last of the thresholds.</param>
/// <param name="Stats">As at <c>/stats</c>.</param>
internal sealed record LiveReading(
    string Process, Guid Instance, double UptimeSeconds, double WarnAt, double DrainAt, double LiveAt, ServerStatsReport Stats);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LiveReading))]
internal sealed partial class LiveReadingJson : JsonSerializerContext;
