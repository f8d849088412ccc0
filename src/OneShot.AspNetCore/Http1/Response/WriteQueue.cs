using System.Buffers;
using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>Bytes in blocks of a pool, in the order they were written, until they are moved on. Not thread-safe.</summary>
/// <param name="pool">The blocks' pool. What is larger than its largest comes from the shared one.</param>
internal sealed class WriteQueue(MemoryPool<byte> pool)
{
    private const int BlockSize = 4096;
    private const int MostKept = 64; // entries of an emptied list, a kilobyte

    private readonly List<(IMemoryOwner<byte> Block, int Start, int End)> _full = [];
    private IMemoryOwner<byte>? _tail;
    private int _start; // of what is in the last block and has not been moved on
    private int _end;

    /// <summary>Bytes that have not been moved on.</summary>
    internal long Length { get; private set; }

    internal Memory<byte> GetMemory(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_tail is null || _tail.Memory.Length - _end < needed)
        {
            PutTailAway();
            _tail = needed <= pool.MaxBufferSize
                ? pool.Rent(Math.Min(pool.MaxBufferSize, Math.Max(BlockSize, needed)))
                : MemoryPool<byte>.Shared.Rent(needed);
        }

        return _tail.Memory[_end..];
    }

    internal void Advance(int bytes)
    {
        int room = _tail is null ? 0 : _tail.Memory.Length - _end;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)room, nameof(bytes));
        _end += bytes;
        Length += bytes;
    }

    /// <summary>
    /// Writes the first bytes to the output; false if there are none. The last block stays, since memory of it may be in use:
    /// see <see cref="ReleaseTail"/>. Where the output throws, nothing has been given back: <see cref="Drop"/> does that.
    /// </summary>
    /// <param name="output">Where they go.</param>
    /// <param name="most">How many, if there are as many.</param>
    internal bool TryMoveTo(PipeWriter output, long most)
    {
        long rest = Math.Min(most, Length);
        if (rest == 0)
        {
            return false;
        }

        Length -= rest;
        int whole = 0;
        while (rest > 0 && whole < _full.Count)
        {
            (IMemoryOwner<byte> block, int start, int end) = _full[whole];
            int bytes = (int)Math.Min(end - start, rest);
            output.Write(block.Memory.Span.Slice(start, bytes));
            rest -= bytes;
            if (start + bytes < end)
            {
                _full[whole] = (block, start + bytes, end);
                break;
            }

            whole++;
        }

        if (rest > 0)
        {
            output.Write(_tail!.Memory.Span.Slice(_start, (int)rest));
            _start += (int)rest;
        }

        GiveBack(whole);
        return true;
    }

    /// <summary>Forgets all bytes. The last block stays.</summary>
    internal void Drop()
    {
        GiveBack(_full.Count);
        _start = _end;
        Length = 0;
    }

    /// <summary>Gives the last block back if all its bytes have been moved on. Memory that came from it must not be in use.</summary>
    internal void ReleaseTail()
    {
        if (_start == _end)
        {
            _tail?.Dispose();
            _tail = null;
            _start = _end = 0;
        }
    }

    private void PutTailAway()
    {
        if (_tail is not null && _start < _end)
        {
            _full.Add((_tail, _start, _end));
            _tail = null;
            _start = _end = 0;
        }

        ReleaseTail();
    }

    private void GiveBack(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _full[i].Block.Dispose();
        }

        _full.RemoveRange(0, count);
        if (_full.Count == 0 && _full.Capacity > MostKept)
        {
            _full.Capacity = MostKept;
        }
    }
}
