using OneShot.Transport.Loops;

namespace OneShot.Transport.Connections;

/// <summary>
/// What the turns of a connection have been like, and so what its next one is likely to be. One number: above nothing, as many turns
/// are served off the loop; below, as many were quick in a row.
/// </summary>
/// <remarks>
/// <code>
///                     | Quick                  | Waited, Computed
/// suspect (s &gt; 0)     | s / 2                  | 2 s + 1, at most Most
/// untried (s &lt;= 0)    | s - 1, down to tried   | 1
/// tried   (s = -Few)  | -                      | 1
/// </code>
/// Turns of a connection come one after another, now and then on different threads; a reader may see the one before.
/// </remarks>
internal struct Conduct
{
    /// <summary>Quick turns, doubling, after which a connection is served on the loop again: four.</summary>
    public const int Most = 15;

    /// <summary>Quick turns after which a connection is known to be quick.</summary>
    public const int Few = 4;

    private volatile int _score;
    private volatile TurnKind _lastOffence;

    /// <summary>Its handlers have kept a thread lately.</summary>
    public readonly bool IsSuspect => _score > 0;

    /// <summary>Its handlers have been quick whenever they ran, and often enough.</summary>
    public readonly bool IsTried => _score == -Few;

    /// <summary>A suspect's handlers want a processor, not just a thread to wait on.</summary>
    public readonly bool IsComputing => _lastOffence == TurnKind.Computed && IsSuspect;

    public void On(TurnKind kind)
    {
        int score = _score;
        if (kind != TurnKind.Quick)
        {
            _lastOffence = kind;
            _score = score <= 0 ? 1 : Math.Min(Most, (2 * score) + 1);
        }
        else if (score > 0)
        {
            _score = score / 2;
        }
        else if (score > -Few)
        {
            _score = score - 1;
        }
    }
}
