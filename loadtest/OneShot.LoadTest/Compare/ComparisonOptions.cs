using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>What <c>compare</c> was asked to do.</summary>
internal sealed record ComparisonOptions(
    IReadOnlyList<HeaderSet> HeaderSets,
    int Rounds,
    TimeSpan Duration,
    TimeSpan WarmUp,
    int Connections,
    string Path,
    string Capacity,
    string Reclamation)
{
    /// <summary>Requests sent together on a connection, before the first of them is answered.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Ports of stock Kestrel and of the front; 0 takes any free one.</summary>
    public int KestrelPort { get; init; }

    public int FrontPort { get; init; }
}
