using System.Diagnostics.Metrics;
using System.Text.Json;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Telemetry;

/// <summary>How many requests the front refuses, and why: whom its strictness hits. A request that is served costs nothing.</summary>
internal sealed class RejectionMetrics
{
    private static readonly KeyValuePair<string, object?>[] s_reasons = [.. Enum.GetValues<RequestRejection>().Select(Tag)];

    private readonly Counter<long> _rejections;

    public RejectionMetrics(IMeterFactory factory) => _rejections = OneShotMeter.Of(factory).CreateCounter<long>(
        "oneshot.http1.rejections", unit: "{request}", description: "Requests that the HTTP/1.1 front has refused, by the rule they broke.");

    /// <summary>A request was refused.</summary>
    public void Count(RequestRejection rejection)
    {
        if (_rejections.Enabled)
        {
            _rejections.Add(1, s_reasons[(int)rejection]);
        }
    }

    /// <summary>The value of the tag <c>reason</c>, such as <c>bare_line_feed</c>.</summary>
    internal static string NameOf(RequestRejection rejection) => (string)s_reasons[(int)rejection].Value!;

    private static KeyValuePair<string, object?> Tag(RequestRejection rejection) =>
        new("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(rejection.ToString()));
}
