using OneShot.Blocks;
using OneShot.Buffers;

namespace OneShot;

/// <summary>The objects behind <see cref="Memory{T}"/>, and blocks that outlast their request because one of them is pinned.</summary>
public sealed unsafe partial class Arena
{
    private MemoryHandles _memory; // not readonly: it is changed in place

    /// <summary>A handle over memory of this arena, checked against the lifetime the memory has.</summary>
    internal Memory<byte> MemoryOver(UnsafeSlice<byte> part, ArenaLifetime lifetime)
    {
        if (part.IsEmpty)
        {
            return default;
        }

        using Inside inside = Enter();
        long key = lifetime.Key;
        if (_memory.FirstOf(key) is { } known && known.Covers(part))
        {
            return known.Slice(part);
        }

        FaultInjection.Allocation();
        HeldBlock current = _log is null && _blocks.Filled.Count > 0 ? _blocks.Filled.Last : default;
        bool isInBlock = part.Pointer >= current.Start && part.Pointer + part.Length <= current.Limit && current.Limit - current.Start <= Array.MaxLength && lifetime == Lifetime;
        ArenaMemoryManager made = isInBlock ? new(this, key, current.Start, (int)(current.Limit - current.Start)) : new(this, key, part.Pointer, part.Length);
        if (_state != State.Open || IsOver(lifetime))
        {
            // Another thread has ended the request since the memory was taken: then the handle is born stale, as those that were made in time are now.
            made.TryEnd();
            return made.Slice(part);
        }

        _memory.Add(made, isFirst: isInBlock);
        _isPlain = false;
        return made.Slice(part);
    }

    /// <summary>
    /// Blocks that are pinned leave the arena's lists. All handles have been ended, and nothing of the request is looked at
    /// afterwards: a block whose last pin went meanwhile goes back at once.
    /// </summary>
    private void DetainPinned()
    {
        DetainedBlock? detained = null;
        while (_memory.TryTakePinned(out ArenaMemoryManager manager))
        {
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
                _process.CountGivenUp();
                _process.Detain(default);
                return;
            }

            HeldBlock held = default;
            bool staysHere = _state == State.Abandoned || (_process.Policy.LeavesPinnedBlocksToArenas && _log is null && !_blocks.IsInFallback(manager.Start));
            if (!staysHere)
            {
                _ = _blocks.TryTakeOut(manager.Start, out held);
            }

            detained.Take(held);
            known = detained;
        }

        detained.Hold();
        manager.Detain(detained);
    }
}
