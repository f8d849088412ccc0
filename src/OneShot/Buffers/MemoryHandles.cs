using System.Diagnostics;

namespace OneShot.Buffers;

/// <summary>The objects behind an arena's <see cref="Memory{T}"/>: those whose memory lasts, and those whose mark was rewound while they were pinned.</summary>
internal struct MemoryHandles
{
    /// <summary>For <see cref="TryEnd"/>: of the whole request.</summary>
    public const long All = long.MinValue;

    // Newest lifetime first; of one lifetime, the one over the block being bumped in first. All of them are alive.
    private ArenaMemoryManager? _alive;

    // The arena holds a pin as well.
    private ArenaMemoryManager? _pinned;

    public readonly bool AreAlive => _alive is not null;

    public readonly bool ArePinned => _pinned is not null;

    /// <summary>The first of a lifetime, by its <see cref="ArenaLifetime.Key"/>; null for none.</summary>
    public readonly ArenaMemoryManager? FirstOf(long key)
    {
        ArenaMemoryManager? found = _alive;
        while (found is not null && found.Key > key)
        {
            found = found.Next;
        }

        return found?.Key == key ? found : null;
    }

    /// <param name="made">Of a lifetime that is not over.</param>
    /// <param name="isFirst">Whether it comes before the others of its lifetime, or behind the first of them.</param>
    public void Add(ArenaMemoryManager made, bool isFirst)
    {
        ArenaMemoryManager? before = null;
        ArenaMemoryManager? behind = _alive;
        while (behind is not null && behind.Key > made.Key)
        {
            before = behind;
            behind = behind.Next;
        }

        if (!isFirst && behind?.Key == made.Key)
        {
            before = behind;
            behind = behind.Next;
        }

        made.Next = behind;
        if (before is null)
        {
            _alive = made;
        }
        else
        {
            before.Next = made;
        }
    }

    /// <summary>Ends the handles over what was allocated under a mark, or in the whole request (<see cref="All"/>).</summary>
    /// <returns>False if any of it is pinned: then it has to stay as it is.</returns>
    public bool TryEnd(long serial)
    {
        bool isPinned = ArePinnedSince(serial);
        while (_alive is { } manager && manager.Key >= serial)
        {
            _alive = manager.Next;
            manager.Next = null;
            if (!manager.TryEnd())
            {
                manager.Next = _pinned;
                _pinned = manager;
                isPinned = true;
            }
        }

        return !isPinned;
    }

    /// <summary>Takes out one that is pinned, with the arena's pin.</summary>
    public bool TryTakePinned(out ArenaMemoryManager manager)
    {
        manager = _pinned!;
        if (manager is null)
        {
            return false;
        }

        _pinned = manager.Next;
        manager.Next = null;
        return true;
    }

    /// <summary>Asserts the order of those that are alive.</summary>
    [Conditional("DEBUG")]
    public readonly void AssertValid()
    {
        for (ArenaMemoryManager? handle = _alive; handle is not null; handle = handle.Next)
        {
            Debug.Assert(handle.Next is null || handle.Key >= handle.Next.Key, "The newest lifetime comes first.");
        }
    }

    /// <summary>Whether memory of a mark that was rewound before is pinned still. Forgets what is not.</summary>
    private bool ArePinnedSince(long serial)
    {
        ArenaMemoryManager? last = null;
        for (ArenaMemoryManager? manager = _pinned; manager is not null; manager = manager.Next)
        {
            if (manager.Key >= serial && manager.IsPinnedByOthers)
            {
                return true;
            }

            if (manager.Key < serial)
            {
                last = manager;
                continue;
            }

            manager.Unpin();
            if (last is null)
            {
                _pinned = manager.Next;
            }
            else
            {
                last.Next = manager.Next;
            }
        }

        return false;
    }
}
