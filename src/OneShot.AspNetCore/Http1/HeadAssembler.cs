using System.Buffers;
using System.Diagnostics;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// Puts a head that comes in pieces into one array. What has been appended need not be kept by the transport: a client that does not
/// end its head holds an array of its length, not a block of the transport's. Each byte is copied once, and once more at most for
/// each doubling of the array, so that a head that comes a byte at a time still costs linear time.
/// </summary>
internal struct HeadAssembler
{
    private byte[]? _array;
    private int _length;

    /// <summary>The bytes that were appended.</summary>
    internal readonly int Length => _length;

    /// <summary>Appends the buffer's first bytes; with what is here already they become at most <paramref name="limit"/>.</summary>
    /// <returns>All that was appended, in one piece; valid until the next call.</returns>
    internal ReadOnlySpan<byte> Append(in ReadOnlySequence<byte> buffer, int limit)
    {
        Debug.Assert(_length <= limit);
        int length = (int)Math.Min(_length + buffer.Length, limit);
        if (_array is null || _array.Length < length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, 2 * _length));
            _array.AsSpan(0, _length).CopyTo(larger);
            ReturnArray();
            _array = larger;
        }

        buffer.Slice(0, length - _length).CopyTo(_array.AsSpan(_length));
        _length = length;
        return _array.AsSpan(0, length);
    }

    internal void Release()
    {
        ReturnArray();
        _length = 0;
    }

    private void ReturnArray()
    {
        if (_array is { } array)
        {
            _array = null;
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
