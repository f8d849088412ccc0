using OneShot.Blocks;
using OneShot.Buffers;

namespace OneShot;

/// <summary>The objects behind <see cref="Memory{T}"/>, and blocks that outlast their request because one of them is pinned.</summary>
public sealed unsafe partial class Arena
{
    private const long AllMemory = long.MinValue;

    // Newest lifetime first; of one lifetime, the one over the block being bumped in first. All of them are alive.
    private ArenaMemoryManager? _memory;

    // Pinned when their mark was rewound; the arena holds a pin as well.
    private ArenaMemoryManager? _pinned;

    /// <summary>A handle over memory of this arena, checked against the lifetime the memory has.</summary>
    internal Memory<byte> MemoryOver(UnsafeSlice<byte> part, ArenaLifetime lifetime)
    {
        if (part.IsEmpty)
        {
            return default;
        }

        long key = lifetime.Key;
        ArenaMemoryManager? newer = null;
        ArenaMemoryManager? found = _memory;
        while (found is not null && found.Key > key)
        {
            newer = found;
            found = found.Next;
        }

        bool hasLifetime = found is not null && found.Key == key;
        if (hasLifetime && found!.Covers(part))
        {
            return found.Slice(part);
        }

        FaultInjection.Allocation();
        bool isInBlock = part.Pointer >= _start && part.Pointer < _limit && _limit - _start <= Array.MaxLength && lifetime == Lifetime;
        ArenaMemoryManager made = isInBlock ? new(this, key, _start, (int)(_limit - _start)) : new(this, key, part.Pointer, part.Length);
        if (hasLifetime && !isInBlock)
        {
            newer = found;
            found = found!.Next;
        }

        made.Next = found;
        if (newer is null)
        {
            _memory = made;
        }
        else
        {
            newer.Next = made;
        }

        _isPlain = false;
        return made.Slice(part);
    }

    /// <summary>Ends the handles over what was allocated under a mark, or in the whole request (<see cref="AllMemory"/>).</summary>
    /// <returns>Whether any of it is pinned: then it has to stay as it is.</returns>
    private bool EndMemory(long serial)
    {
        bool isPinned = IsPinnedSince(serial);
        while (_memory is { } manager && manager.Key >= serial)
        {
            _memory = manager.Next;
            manager.Next = null;
            if (!manager.TryEnd())
            {
                manager.Next = _pinned;
                _pinned = manager;
                isPinned = true;
            }
        }

        return isPinned;
    }

    /// <summary>Whether memory of a mark that was rewound before is pinned still. Forgets what is not.</summary>
    private bool IsPinnedSince(long serial)
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

    /// <summary>
    /// Blocks that are pinned leave the arena's lists. All handles have been ended, and nothing of the request is looked at
    /// afterwards: a block whose last pin went meanwhile goes back at once.
    /// </summary>
    private void DetainPinned()
    {
        DetainedBlock? detained = null;
        while (_pinned is { } manager)
        {
            _pinned = manager.Next;
            manager.Next = null;
            Detain(manager, ref detained);
            manager.Unpin();
        }

        while (detained is { } block)
        {
            detained = block.Next;
            block.Next = null;
            block.Release();
        }
    }

    private void Detain(ArenaMemoryManager manager, ref DetainedBlock? known)
    {
        DetainedBlock? detained = known;
        while (detained is not null && !detained.Contains(manager.Start))
        {
            detained = detained.Next;
        }

        if (detained is null)
        {
            try
            {
                FaultInjection.Allocation();
                detained = new DetainedBlock(_process) { Next = known };
            }
            catch (OutOfMemoryException)
            {
                // Nobody could be told when the pin goes: no memory is reused, and the region stays mapped for good.
                _state = State.Abandoned;
                _process.Detain(default);
                return;
            }

            HeldBlock held = default;
            bool staysHere = _state == State.Abandoned || (_process.Policy.LeavesPinnedBlocksToArenas && _log is null && !IsInFallback(manager.Start));
            if (!staysHere)
            {
                _ = _blocks.TryTakeOut(manager.Start, out held) || _large.TryTakeOut(manager.Start, out held)
                    || _spare.TryTakeOut(manager.Start, out held) || _unmarked.TryTakeOut(manager.Start, out held);
            }

            detained.Take(held);
            known = detained;
        }

        detained.Hold();
        manager.Detain(detained);
    }

    private bool IsInFallback(byte* address) =>
        IsInFallback(_blocks.Span, address) || IsInFallback(_large.Span, address) || IsInFallback(_spare.Span, address) || IsInFallback(_unmarked.Span, address);

    private static bool IsInFallback(ReadOnlySpan<HeldBlock> blocks, byte* address)
    {
        foreach (ref readonly HeldBlock held in blocks)
        {
            if (held.Block.IsFallback && address >= held.Block.Start && address < held.Block.Limit)
            {
                return true;
            }
        }

        return false;
    }
}
