using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Compare;

/// <summary>What <c>compare</c> was asked to do.</summary>
/// <param name="Sides">At least two; the first one is what the others are compared with.</param>
internal sealed record ComparisonOptions(
    IReadOnlyList<Side> Sides,
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

    /// <summary>Bytes of a body to POST; null for GET.</summary>
    public int? PostBytes { get; init; }

    public bool Tls { get; init; }

    /// <summary>Port of the first side; the others take the next ones. 0 takes any that are free.</summary>
    public int FirstPort { get; init; }

    public int PortOf(int side) => FirstPort == 0 ? 0 : FirstPort + side;
}
