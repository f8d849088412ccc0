using System.Diagnostics;

namespace OneShot.Buffers;

/// <summary>A run of elements in an arena that grows at its end, in place while nothing was allocated behind it.</summary>
internal struct ArenaBuffer<T>(Arena arena) where T : unmanaged
{
    private UnsafeSlice<T> _memory;

    // Of the memory, not of the buffer: growth under a mark makes it the mark's.
    private ArenaLifetime _lifetime = arena.Lifetime;

    public readonly Arena Arena => arena;

    public int Count { get; private set; }

    public readonly int Capacity => _memory.Length;

    public readonly int FreeCapacity => _memory.Length - Count;

    public readonly ArenaLifetime Lifetime => _lifetime;

    public readonly UnsafeSlice<T> Memory => _memory;

    public readonly Span<T> Written => _memory.Span[..Count];

    public readonly Span<T> Free => _memory.Span[Count..];

    /// <exception cref="ObjectDisposedException">The memory is not the buffer's any more.</exception>
    public readonly void ThrowIfOver() => arena.ThrowIfOver(_lifetime);

    /// <summary>Grows, so that at least <paramref name="more"/> elements are free.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than an array could have.</exception>
    public void Grow(int more)
    {
        long needed = (long)Count + more;
        if (needed > Array.MaxLength)
        {
            ThrowHelper.BufferTooLong(needed);
        }

        arena.Grow(ref _memory, Count, (int)needed);
        _lifetime = arena.Lifetime;
        AssertValid();
    }

    /// <summary>The caller guarantees that <paramref name="count"/> elements were free and are written.</summary>
    public void Advance(int count)
    {
        Count += count;
        AssertValid();
    }

    public void Clear() => Count = 0;

    /// <summary>Gives back what is not written, if nothing was allocated behind it.</summary>
    public void Trim()
    {
        if (FreeCapacity > 0)
        {
            arena.TryResize(ref _memory, Count);
        }
    }

    [Conditional("DEBUG")]
    private readonly void AssertValid() => Debug.Assert(Count >= 0 && Count <= _memory.Length, "What is written lies in the memory.");
}
