using OneShot.Blocks;

namespace OneShot;

/// <summary>The end of a request.</summary>
public sealed unsafe partial class Arena
{
    private long _epoch;

    /// <summary>Counts requests: moves on at <see cref="Reset"/> and <see cref="Dispose"/>, never back.</summary>
    public long Epoch => _epoch;

    /// <summary>For handles that can outlive their request: remember <see cref="Epoch"/> when made, check it when used.</summary>
    /// <param name="epoch">The epoch in which the handle was made.</param>
    /// <exception cref="ObjectDisposedException">That request is over; its memory may be somebody else's.</exception>
    public void ThrowIfStale(long epoch)
    {
        if (epoch != _epoch)
        {
            ThrowHelper.StaleHandle(epoch, _epoch);
        }
    }

    /// <summary>
    /// Ends the request. Runs what <see cref="OnReset"/> registered, newest first. Then, under
    /// <see cref="ArenaReclamation.Never"/>, the unused tail of a block serves the next request; under
    /// <see cref="ArenaReclamation.PerRequest"/> everything handed out is cleared, one block stays for the next request
    /// and the others go back to the process arena. Blocks from the GC heap are dropped.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This arena was disposed.</exception>
    /// <exception cref="AggregateException">Callbacks threw. All of them ran, and the request has ended.</exception>
    /// <exception cref="ArenaCorruptedException">The debug option found an allocation that was overrun. The request has ended.</exception>
    public void Reset()
    {
        ThrowIfUnusable();
        using Inside inside = Enter();
        if (!TryEndPlainRequest())
        {
            EndRequest(keepOne: true);
        }
    }

    /// <summary>
    /// Ends the request for good. Under <see cref="ArenaReclamation.PerRequest"/> all blocks go back; under
    /// <see cref="ArenaReclamation.Never"/> the tail of the current block is given up. Calling it again does nothing.
    /// </summary>
    /// <exception cref="AggregateException">Callbacks threw. All of them ran, and the arena is disposed.</exception>
    public void Dispose()
    {
        if (_state == State.Disposed)
        {
            return;
        }

        using Inside inside = Enter();
        try
        {
            EndRequest(keepOne: false);
        }
        finally
        {
            _state = State.Disposed;
            _process.Remove(this);
        }
    }

    /// <summary>Most requests fit one block and leave nothing to run: that block stays, and no list is walked.</summary>
    private bool TryEndPlainRequest()
    {
        if (_blocks.Count != 1 || _large.Count + _spare.Count + _callbackCount + _allocatedForRequest != 0 || _process.Reclamation == ArenaReclamation.Generational)
        {
            return false;
        }

        ref HeldBlock held = ref _blocks.Last;
        if (held.Block.IsFallback)
        {
            return false;
        }

        byte* reached = Max(_cursor, _reached);
        if (_process.Reclamation == ArenaReclamation.Never)
        {
            held.Start = reached;
            held.Reached = reached;
        }
        else
        {
            Clear(held.Start, reached);
        }

        _epoch++;
        _markCount = 0;
        _allocatedElsewhere = 0;
        Owner = null;
        Enter(held, held.Start);
        return true;
    }

    private void EndRequest(bool keepOne)
    {
        List<Exception>? failures = RunCallbacks(downTo: 0);
        Resume();
        _epoch++;
        _markCount = 0;
        if (_blocks.Count > 0)
        {
            _blocks.Last.Reached = Max(_cursor, _reached);
        }

        if (_log?.Close(Owner) is { } corrupted)
        {
            (failures ??= []).Add(corrupted);
        }

        LeaveCurrent();
        _lastOwner = _log is null ? null : Owner;
        Owner = null;
        _allocatedElsewhere = 0;
        _allocatedForRequest = 0;
        KeepOrReturnBlocks(keepOne);
        Throw(failures, "Callbacks failed at the end of an arena's request; the others ran, and the request has ended.");
    }

    private void KeepOrReturnBlocks(bool keepOne)
    {
        if (_log is not null)
        {
            ForbidAll();
            _large.Clear();
            return;
        }

        HeldBlock kept = _process.Reclamation switch
        {
            ArenaReclamation.PerRequest => ReclaimAll(keepOne),
            ArenaReclamation.Generational => ReleaseAll(keepOne),
            _ => LargestTail(keepOne),
        };
        _blocks.Clear();
        _large.Clear();
        _spare.Clear();
        _unmarked.Clear();
        if (kept.Block.Generation is { } generation)
        {
            Idle(kept, generation);
        }
        else if (kept.Block.Start is not null)
        {
            _blocks.Add(kept);
            Enter(kept, kept.Start);
        }
    }

    /// <summary>One corruption is thrown as it is; what callbacks threw comes together, in the order they ran.</summary>
    private static void Throw(List<Exception>? failures, string message)
    {
        if (failures is [ArenaCorruptedException corrupted])
        {
            throw corrupted;
        }

        if (failures is not null)
        {
            throw new AggregateException(message, failures);
        }
    }

    /// <summary>What nobody has seen is still zero and nobody's: the largest such tail serves the next request.</summary>
    private HeldBlock LargestTail(bool keepOne)
    {
        HeldBlock best = default;
        if (keepOne)
        {
            FindLargestTail(_blocks.Span, ref best);
            FindLargestTail(_spare.Span, ref best);
            best.Start = best.Reached;
        }

        return best;
    }

    private static void FindLargestTail(ReadOnlySpan<HeldBlock> blocks, ref HeldBlock best)
    {
        foreach (ref readonly HeldBlock held in blocks)
        {
            if (!held.Block.IsFallback && held.Tail > best.Tail)
            {
                best = held;
            }
        }
    }

    private HeldBlock ReclaimAll(bool keepOne)
    {
        HeldBlock kept = default;
        Reclaim(_blocks.Span, keepOne, ref kept);
        Reclaim(_spare.Span, keepOne: false, ref kept);
        Reclaim(_large.Span, keepOne: false, ref kept);
        Reclaim(_unmarked.Span, keepOne: false, ref kept);
        return kept;
    }

    private void Reclaim(ReadOnlySpan<HeldBlock> blocks, bool keepOne, ref HeldBlock kept)
    {
        foreach (ref readonly HeldBlock held in blocks)
        {
            Block block = held.Block;
            if (block.IsFallback)
            {
                continue;
            }

            Clear(block.Start, held.Reached);
            Clear(held.Limit, block.Limit);
            if (keepOne && kept.Block.Start is null && block.Size == _process.StandardBlock)
            {
                kept = new HeldBlock(block);
            }
            else
            {
                _process.ReturnBlock(block);
            }
        }
    }

    private static void Clear(byte* from, byte* to) => System.Runtime.InteropServices.NativeMemory.Clear(from, (nuint)(to - from));
}
