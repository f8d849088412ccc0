using System.Numerics;

namespace OneShot.Blocks;

/// <summary>
/// Blocks of the GC heap that a full process arena gave out and got back cleared, by size: powers of two up to a standard block.
/// Bounded, so that a peak does not stay on the heap. Thread-safe.
/// </summary>
/// <param name="most">Bytes that wait here at most.</param>
internal sealed class FallbackPool(long most)
{
    private readonly Lock _lock = new();
    private readonly Stack<Block>[] _blocks = [.. Enumerable.Range(0, 32).Select(_ => new Stack<Block>())];
    private long _bytes;

    /// <summary>Takes a block of exactly that size, if one waits.</summary>
    public bool TryTake(nuint size, out Block block)
    {
        block = default;
        if (!BitOperations.IsPow2(size))
        {
            return false;
        }

        lock (_lock)
        {
            if (!_blocks[BitOperations.Log2(size)].TryPop(out block))
            {
                return false;
            }

            _bytes -= (long)block.Size;
            return true;
        }
    }

    /// <summary>The caller guarantees that the block is zero and no longer used. It is dropped if it is of no common size, or there are enough.</summary>
    public void Return(Block block)
    {
        if (!BitOperations.IsPow2(block.Size))
        {
            return;
        }

        lock (_lock)
        {
            if (_bytes + (long)block.Size <= most)
            {
                FaultInjection.Allocation();
                _blocks[BitOperations.Log2(block.Size)].Push(block);
                _bytes += (long)block.Size;
            }
        }
    }
}
