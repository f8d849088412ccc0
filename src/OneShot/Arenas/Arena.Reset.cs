using OneShot.Blocks;

namespace OneShot;

/// <summary>The end of a request.</summary>
public sealed unsafe partial class Arena
{
    /// <summary>
    /// Ends the request. Under <see cref="ArenaReclamation.Never"/> the unused tail of a block serves the next one; under
    /// <see cref="ArenaReclamation.PerRequest"/> everything handed out is cleared, one block stays for the next request
    /// and the others go back to the process arena. Blocks from the GC heap are dropped.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This arena was disposed.</exception>
    public void Reset()
    {
        ThrowIfDisposed();
        if (_blockCount > 0)
        {
            Current.Reached = Max(_cursor, _reached);
            if (_process.Reclamation == ArenaReclamation.PerRequest)
            {
                Reclaim(keepOne: true);
            }
            else
            {
                KeepLargestTail();
            }
        }

        ReleaseLarge();
        _allocatedElsewhere = 0;
    }

    /// <summary>
    /// Ends the request for good. Under <see cref="ArenaReclamation.PerRequest"/> all blocks go back; under
    /// <see cref="ArenaReclamation.Never"/> the tail of the current block is given up. Calling it again does nothing.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        if (_blockCount > 0 && _process.Reclamation == ArenaReclamation.PerRequest)
        {
            Current.Reached = Max(_cursor, _reached);
            Reclaim(keepOne: false);
        }

        ReleaseLarge();
        LeaveNothing();
        _allocatedElsewhere = 0;
        _blocks = [];
        _disposed = true;
        _process.RemoveOwner();
    }

    /// <summary>What was never handed out is still zero and nobody's: the largest such tail serves the next request.</summary>
    private void KeepLargestTail()
    {
        HeldBlock best = default;
        for (int index = 0; index < _blockCount; index++)
        {
            HeldBlock held = _blocks[index];
            if (held.Block.Fallback is null && held.Block.Limit - held.Reached > best.Block.Limit - best.Reached)
            {
                best = held;
            }

            _blocks[index] = default;
        }

        LeaveNothing();
        if (best.Reached is not null)
        {
            _blocks[0] = best;
            _blockCount = 1;
            Enter(best.Reached, best.Block.Limit);
        }
    }

    private void Reclaim(bool keepOne)
    {
        Block kept = default;
        for (int index = 0; index < _blockCount; index++)
        {
            HeldBlock held = _blocks[index];
            _blocks[index] = default;
            if (held.Block.Fallback is not null)
            {
                continue;
            }

            Clear(held.Block.Start, held.Reached);
            if (keepOne && kept.Start is null && held.Block.Size == _process.StandardBlock)
            {
                kept = held.Block;
            }
            else
            {
                _process.ReturnBlock(held.Block);
            }
        }

        LeaveNothing();
        if (kept.Start is not null)
        {
            _blocks[0] = new HeldBlock { Block = kept, Reached = kept.Start };
            _blockCount = 1;
            Enter(kept.Start, kept.Limit);
        }
    }

    private void ReleaseLarge()
    {
        for (int index = 0; index < _largeCount; index++)
        {
            Block block = _large[index];
            _large[index] = default;
            if (block.Fallback is null && _process.Reclamation == ArenaReclamation.PerRequest)
            {
                Clear(block.Start, block.Limit);
                _process.ReturnBlock(block);
            }
        }

        _largeCount = 0;
    }

    private static void Clear(byte* from, byte* to) => System.Runtime.InteropServices.NativeMemory.Clear(from, (nuint)(to - from));
}
