using System.ComponentModel.DataAnnotations;

namespace Gateway.Limits;

/// <summary>The settings <c>Gateway:Limits</c>, checked when the host starts.</summary>
internal sealed class GatewayLimits
{
    public const string Section = "Gateway:Limits";

    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Beyond it the answer is 503. Connections of hubs do not count.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentRequests { get; init; } = 2_000;

    /// <summary>In bytes, of every route that has no limit of its own.</summary>
    [Range(0, 1L << 30)]
    public long MaxRequestBodySize { get; init; } = 10 << 20;

    /// <summary>Of every endpoint that has no timeout of its own.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
