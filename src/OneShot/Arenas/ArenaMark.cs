namespace OneShot;

/// <summary>
/// A place in an arena to come back to: disposing the mark gives back everything allocated since it was taken. Marks
/// nest; rewinding an outer one rewinds the inner ones with it.
/// </summary>
/// <remarks>
/// Whoever holds memory allocated since must not use it any more. It is cleared, and serves the same request again;
/// under <see cref="ArenaReclamation.Never"/> it serves no other.
/// </remarks>
public readonly struct ArenaMark : IDisposable
{
    private readonly Arena? _arena;
    private readonly long _epoch;
    private readonly long _serial;
    private readonly int _depth;

    internal ArenaMark(Arena arena, long epoch, long serial, int depth)
    {
        _arena = arena;
        _epoch = epoch;
        _serial = serial;
        _depth = depth;
    }

    /// <summary>Rewinds the arena to this mark. Does nothing if it, or a mark around it, was rewound already.</summary>
    /// <exception cref="ObjectDisposedException">The request in which it was taken is over.</exception>
    /// <exception cref="ArenaCorruptedException">The debug option found an allocation made since that was overrun.</exception>
    /// <exception cref="AggregateException">Callbacks registered since threw. All of them ran, and the arena is rewound.</exception>
    public void Dispose() => _arena?.Rewind(_epoch, _serial, _depth);
}
