using System.Buffers;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// Puts a head that straddles transport segments into one array. Called again as more arrives, it copies only what is new,
/// so a head that comes a byte at a time still costs linear time.
/// </summary>
internal struct HeadAssembler
{
    private byte[]? _array;
    private int _length;

    /// <summary>The first bytes of the buffer, at most <paramref name="limit"/>, in one piece.</summary>
    internal ReadOnlySpan<byte> Assemble(in ReadOnlySequence<byte> buffer, int limit)
    {
        int length = (int)Math.Min(buffer.Length, limit);
        if (_array is null || _array.Length < length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, 2 * _length));
            _array.AsSpan(0, _length).CopyTo(larger);
            ReturnArray();
            _array = larger;
        }

        buffer.Slice(_length, length - _length).CopyTo(_array.AsSpan(_length));
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
