using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>One measured run of the tool against one server.</summary>
internal sealed record Round(Front Front, LoadOutcome Load, ServerCost Cost);

/// <summary>A round of stock Kestrel and the one of the front right after it: they met the same machine.</summary>
internal sealed record RoundPair(Round Kestrel, Round OneShot)
{
    /// <summary>Requests a second, the front's over Kestrel's: more is better.</summary>
    public double ThroughputRatio => OneShot.Load.RequestsPerSecond / Kestrel.Load.RequestsPerSecond;

    /// <summary>Server CPU a request, the front's over Kestrel's: less is better.</summary>
    public double CpuRatio => OneShot.Cost.CpuMicroseconds / Kestrel.Cost.CpuMicroseconds;
}
