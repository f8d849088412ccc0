namespace OneShot;

/// <summary>The arenas over one process arena that are not disposed. Thread-safe; nothing of it is on the path of a request.</summary>
internal sealed class ArenaRegistry
{
    private readonly Lock _lock = new();
    private readonly HashSet<Arena> _arenas = [];

    /// <summary>Bytes that arenas hold but have not handed out. Read while they run: of about this moment.</summary>
    public long UnusedRoom
    {
        get
        {
            long room = 0;
            lock (_lock)
            {
                foreach (Arena arena in _arenas)
                {
                    room += arena.UnusedRoom;
                }
            }

            return room;
        }
    }

    public void Add(Arena arena)
    {
        lock (_lock)
        {
            _arenas.Add(arena);
        }
    }

    public void Remove(Arena arena)
    {
        lock (_lock)
        {
            _arenas.Remove(arena);
        }
    }

    /// <summary>An arena between two requests keeps the tail of its block; in a closed generation that only holds it up.</summary>
    public void ReleaseIdleHolds()
    {
        lock (_lock)
        {
            foreach (Arena arena in _arenas)
            {
                arena.ReleaseIdleHold();
            }
        }
    }
}
