using OneShot.Blocks;
using OneShot.Buffers;

namespace OneShot;

/// <summary>The end of a request.</summary>
public sealed unsafe partial class Arena
{
    // Whether a request that has one block has done nothing but bump in it: then its end walks no list.
    private readonly bool _canBePlain;

    // As the policy says, for the end of a plain request.
    private readonly bool _clearsBlocks;
    private bool _isPlain;

    private bool _isEnding;
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
    /// <exception cref="InvalidOperationException">A callback of this arena called it.</exception>
    /// <exception cref="AggregateException">Callbacks threw, or a block could not be given back. The request has ended in any case, and all callbacks ran.</exception>
    /// <exception cref="ArenaCorruptedException">The debug option found an allocation that was overrun. The request has ended.</exception>
    public void Reset()
    {
        using Inside inside = Enter();
        ResetInside();
    }

    private void ResetInside()
    {
        if (_state != State.Open)
        {
            ThrowUnlessAbandoned();
        }

        if (!TryEndPlainRequest())
        {
            EndRequest(keepOne: true);
        }
    }

    /// <summary>
    /// Ends the request for good. Under <see cref="ArenaReclamation.PerRequest"/> all blocks go back; under
    /// <see cref="ArenaReclamation.Never"/> the tail of the current block is given up. Calling it again does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">A callback of this arena called it.</exception>
    /// <exception cref="AggregateException">Callbacks threw, or a block could not be given back. The arena is disposed in any case, and all callbacks ran.</exception>
    public void Dispose()
    {
        if (_state == State.Disposed)
        {
            return;
        }

        using Inside inside = Enter();
        if (_state == State.Disposed)
        {
            return;
        }

        ThrowIfInCallback();
        UnparkInside();
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
        if (_blocks.Filled.Count != 1 || !_isPlain || !TryReadCursor(out nint cursor))
        {
            return false;
        }

        TellEnd();
        ref HeldBlock held = ref _blocks.Filled.Last;
        byte* reached = held.Block.Start + nint.Max(cursor, _reached);
        if (_clearsBlocks)
        {
            held.ClearWithin(held.Start, reached);
        }
        else
        {
            held.Start = reached;
            held.Reached = reached;
        }

        _allocatedElsewhere = 0;
        Owner = null;
        BumpIn(held, held.StartOffset);
        return true;
    }

    /// <summary>First of all: what reads in this memory asks afterwards whether its request, or its mark, is over.</summary>
    private void TellEnd()
    {
        _epoch++;
        _markCount = 0;
        Volatile.WriteBarrier();
    }

    /// <summary>What can fail is the callbacks and the giving back of blocks, one by one: none of it keeps the rest from being done.</summary>
    private void EndRequest(bool keepOne)
    {
        ThrowIfInCallback();
        Failures failures = default;
        _isEnding = true;
        RunCallbacks(downTo: 0, ref failures);
        _isEnding = false;
        Resume();
        if (!TryReadCursor(out nint cursor) && _state == State.Open)
        {
            Abandon();
        }

        TellEnd();
        if (_blocks.Filled.Count > 0 && _state == State.Open)
        {
            NoteReached(cursor);
        }

        _memory.TryEnd(MemoryHandles.All);
        if (_log?.Close(Owner, keepBytes: _memory.ArePinned) is { } corrupted)
        {
            failures.Add(corrupted);
        }

        DetainPinned();

        LeaveCurrent();
        _log?.LeaveBlock();
        _lastOwner = _log is null ? null : Owner;
        Owner = null;
        _allocatedElsewhere = 0;
        _allocatedForRequest = 0;
        if (_state != State.Abandoned)
        {
            KeepOrReturnBlocks(keepOne, ref failures);
            _isPlain = _canBePlain;
        }

        failures.Throw("Failures at the end of an arena's request: callbacks, or blocks that could not be given back. The request has ended regardless.");
    }

    private void KeepOrReturnBlocks(bool keepOne, ref Failures failures)
    {
        HeldBlock kept = keepOne && _log is null ? _process.Policy.BlockToKeep(_blocks.Filled.Span, _blocks.Spare.Span, _process.StandardBlock) : default;
        _blocks.ReturnAll(_process, kept, ref failures);
        if (kept.Block.Start is null)
        {
            return;
        }

        if (kept.Block.Generation is not null)
        {
            Idle(kept, ref failures);
        }
        else
        {
            // There is room: it was in this list, or a rewind that made it spare has seen to it.
            _blocks.Filled.Add(kept);
            BumpIn(kept, kept.StartOffset);
        }
    }
}
