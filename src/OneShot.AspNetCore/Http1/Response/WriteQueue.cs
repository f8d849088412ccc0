using System.Buffers;
using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>Bytes in blocks of a pool, in the order they were written, until they are moved on. Not thread-safe.</summary>
/// <param name="pool">The blocks' pool. What is larger than its largest comes from the shared one.</param>
internal sealed class WriteQueue(MemoryPool<byte> pool)
{
    private const int BlockSize = 4096;
    private const int MostKept = 64; // entries of an emptied list, a kilobyte and a half

    private readonly List<(IMemoryOwner<byte> Block, int Start, int End)> _full = [];
    private IMemoryOwner<byte>? _tail;
    private int _start; // of what is in the last block and has not been moved on
    private int _end;

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
    }

    /// <summary>
    /// Writes everything to the output; false if that was nothing. The last block stays, since memory of it may be in use:
    /// see <see cref="ReleaseTail"/>.
    /// </summary>
    internal bool TryMoveTo(PipeWriter output)
    {
        bool isEmpty = _full.Count == 0 && _start == _end;
        foreach ((IMemoryOwner<byte> block, int start, int end) in _full)
        {
            output.Write(block.Memory.Span[start..end]);
        }

        if (_tail is not null && _start < _end)
        {
            output.Write(_tail.Memory.Span[_start.._end]);
        }

        Drop();
        return !isEmpty;
    }

    /// <summary>Forgets all bytes. The last block stays.</summary>
    internal void Drop()
    {
        foreach ((IMemoryOwner<byte> block, _, _) in _full)
        {
            block.Dispose();
        }

        _full.Clear();
        if (_full.Capacity > MostKept)
        {
            _full.Capacity = MostKept;
        }

        _start = _end;
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
}
