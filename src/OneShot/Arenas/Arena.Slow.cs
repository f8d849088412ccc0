using System.Runtime.CompilerServices;
using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>What happens when the current block cannot serve an allocation.</summary>
public sealed unsafe partial class Arena
{
    // The blocks this request has bumped in; the last one is current. Kept from request to request, so it grows once.
    private HeldBlock[] _blocks = [];
    private int _blockCount;

    // Blocks of their own for large allocations.
    private Block[] _large = [];
    private int _largeCount;

    // Where this request's share of the current block begins, and how far it ever reached before memory was given back.
    private byte* _start = (byte*)NoBlock;
    private byte* _reached;
    private long _allocatedElsewhere;
    private bool _disposed;

    /// <summary>
    /// Whether <paramref name="size"/> bytes can be had now without falling back to the GC heap, throwing, or ending the
    /// process. Takes a block if it needs one, so that what it answers stays true for the next allocation.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or it needs a block and the process arena was.</exception>
    public bool TryReserve(int size)
    {
        if (size < 0)
        {
            ThrowHelper.NegativeSize(size);
        }

        ThrowIfDisposed();
        nuint needed = Alignment.Up((nuint)size, Alignment.Default);
        if (needed <= Room && (_blockCount == 0 || Current.Block.Fallback is null))
        {
            return true;
        }

        if (!_process.TryTakeBlock(nuint.Max(needed, _process.StandardBlock), out Block block))
        {
            return false;
        }

        MoveTo(block);
        return true;
    }

    private ref HeldBlock Current => ref _blocks[_blockCount - 1];

    /// <summary>Bytes between cursor and limit.</summary>
    private nuint Room => _cursor <= _limit ? (nuint)(_limit - _cursor) : 0;

    /// <returns>Null only for an empty allocation of an arena that has no block yet.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* AllocateSlow(int count, int elementSize, int alignment)
    {
        ThrowIfDisposed();
        if (count < 0)
        {
            ThrowHelper.NegativeCount(count);
        }

        nuint size = Alignment.Up((nuint)count * (nuint)elementSize, Alignment.Default);
        if (size == 0)
        {
            return null;
        }

        // A tail of a quarter block is worth keeping: what is larger gets a block of its own, and the tail goes on.
        nuint quarter = _process.StandardBlock / 4;
        if (size > _process.StandardBlock || (size > quarter && Room >= quarter))
        {
            return AllocateLarge(size);
        }

        MoveTo(TakeBlock(_process.StandardBlock));

        // Blocks begin at a multiple of any natural alignment.
        byte* start = _cursor;
        _cursor = start + size;
        return start;
    }

    private byte* AllocateLarge(nuint size)
    {
        Block block = TakeBlock(size);
        if (_largeCount == _large.Length)
        {
            Array.Resize(ref _large, Math.Max(4, _largeCount * 2));
        }

        _large[_largeCount++] = block;
        _allocatedElsewhere += (long)size;
        return block.Start;
    }

    private Block TakeBlock(nuint size)
    {
        if (_process.TryTakeBlock(size, out Block block))
        {
            return block;
        }

        if (_process.Exhaustion != ArenaExhaustion.Fallback)
        {
            _process.ThrowExhausted((long)size);
        }

        return _process.TakeFallbackBlock(size);
    }

    /// <summary>Makes a block the current one; the rest of the block before it waits for <see cref="Reset"/>.</summary>
    private void MoveTo(Block block)
    {
        if (_blockCount == _blocks.Length)
        {
            Array.Resize(ref _blocks, Math.Max(4, _blockCount * 2));
        }

        LeaveCurrent();
        _blocks[_blockCount++] = new HeldBlock { Block = block, Reached = block.Start };
        Enter(block.Start, block.Limit);
    }

    private void LeaveCurrent()
    {
        _allocatedElsewhere += _cursor - _start;
        if (_blockCount > 0)
        {
            Current.Reached = Max(_cursor, _reached);
        }
    }

    private void Enter(byte* start, byte* limit)
    {
        _start = start;
        _cursor = start;
        _limit = limit;
        _reached = start;
    }

    private void LeaveNothing()
    {
        _blockCount = 0;
        Enter((byte*)NoBlock, null);
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
        {
            ThrowHelper.ArenaDisposed();
        }
    }

    private static byte* Max(byte* left, byte* right) => left > right ? left : right;

    /// <summary>A block and how much of it was ever handed out: the rest has never been seen by anyone.</summary>
    private struct HeldBlock
    {
        public Block Block;
        public byte* Reached;
    }
}
