using System.Buffers;
using System.Diagnostics;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// Bytes written before the head. As long as they fit they stand in the transport's own buffer, with room for the head left in
/// front, so that head and body go out as one piece that nobody copies; else in one pooled array that doubles.
/// </summary>
internal sealed class EarlyBuffer(ConcurrentPipeWriter output)
{
    /// <summary>Room for a head in front of the bytes. Most heads take between 100 and 400 bytes.</summary>
    internal const int HeadRoom = 512;

    /// <summary>Room for a chunk's end behind them.</summary>
    private const int TailRoom = ChunkFormat.EndLength;

    private byte[] _array = [];
    private Memory<byte> _lease;

    internal int Length { get; private set; }

    /// <summary>The bytes are in the transport's buffer, which nobody else may write to until they are taken or dropped.</summary>
    internal bool IsInPlace => _lease.Length > 0;

    internal ReadOnlySpan<byte> Written => IsInPlace ? _lease.Span.Slice(HeadRoom, Length) : _array.AsSpan(0, Length);

    /// <param name="sizeHint">The least size, in bytes.</param>
    /// <param name="mayBeInPlace">Nobody but the response's writer writes to the transport, or flushes it, in the meantime.</param>
    internal Memory<byte> GetMemory(int sizeHint, bool mayBeInPlace)
    {
        int needed = Math.Max(sizeHint, 1);
        if (Length == 0 && !IsInPlace && mayBeInPlace && needed <= HeadRoom * 4)
        {
            _lease = output.GetMemory(HeadRoom + needed + TailRoom);
        }

        if (IsInPlace)
        {
            Memory<byte> rest = _lease[(HeadRoom + Length)..^TailRoom];
            if (rest.Length >= needed)
            {
                return rest;
            }

            MoveOut(needed);
        }
        else if (_array.Length - Length < needed)
        {
            Grow(needed);
        }

        return _array.AsMemory(Length);
    }

    internal void Advance(int bytes)
    {
        Debug.Assert(bytes <= (IsInPlace ? _lease.Length - HeadRoom - TailRoom : _array.Length) - Length, "the writer has checked it against what it handed out");
        Length += bytes;
    }

    /// <summary>Where the head goes: at most <see cref="HeadRoom"/> bytes of it.</summary>
    internal Span<byte> Head => _lease.Span[..HeadRoom];

    /// <summary>The head stands in its room: closes the gap behind it and hands all of it to the transport.</summary>
    /// <param name="headLength">The bytes of the head, with a chunk's size line if there is one.</param>
    /// <param name="isChunk">The bytes are a chunk and need its end.</param>
    internal void CommitBehind(int headLength, bool isChunk)
    {
        Span<byte> span = _lease.Span;
        span.Slice(HeadRoom, Length).CopyTo(span[headLength..]);
        int end = headLength + Length;
        if (isChunk)
        {
            end += ChunkFormat.WriteEnd(span[end..]);
        }

        output.Advance(end);
        Clear();
    }

    /// <summary>Out of the transport's buffer, which is wanted for something else.</summary>
    internal void MoveOut(int room = 0)
    {
        if (IsInPlace)
        {
            Memory<byte> lease = _lease;
            _lease = default;
            int length = Length;
            Length = 0;
            Grow(length + room);
            lease.Span.Slice(HeadRoom, length).CopyTo(_array);
            Length = length;
        }
    }

    /// <summary>Drops the bytes; the head, if it is in place, stays.</summary>
    internal void DropBytes() => Length = 0;

    /// <summary>Drops everything and gives the array back.</summary>
    internal void Clear()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
        }

        _lease = default;
        Length = 0;
    }

    private void Grow(int needed)
    {
        int size = Math.Max(checked(Length + needed), Math.Max(4096, _array.Length * 2));
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _array.AsSpan(0, Length).CopyTo(larger);
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = larger;
    }
}
