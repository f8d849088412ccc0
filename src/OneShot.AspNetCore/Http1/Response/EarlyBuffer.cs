using System.Buffers;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>Bytes written before the head: one pooled array that doubles. Most responses never touch it.</summary>
internal sealed class EarlyBuffer
{
    private byte[] _array = [];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _array.AsMemory(0, Length);

    internal Memory<byte> GetMemory(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_array.Length - Length < needed)
        {
            Grow(needed);
        }

        return _array.AsMemory(Length);
    }

    internal void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _array.Length - Length);
        Length += bytes;
    }

    /// <summary>Gives the array back.</summary>
    internal void Clear()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
        }

        Length = 0;
    }

    private void Grow(int needed)
    {
        int size = Math.Max(checked(Length + needed), Math.Max(4096, _array.Length * 2));
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        Written.CopyTo(larger);
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = larger;
    }
}
