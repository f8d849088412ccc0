using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OneShot.Buffers;

/// <summary>A run of elements in an arena that grows at its end, in place while nothing was allocated behind it.</summary>
/// <remarks>
/// It keeps an address, and another thread may end the request at any moment, against the rules: the memory is then somebody else's, or a
/// pinned array's that nobody holds. So a span is made first, and asked for second whether it is still the buffer's. If it is, it was when the span was
/// made, and the span keeps the array from there on.
/// </remarks>
internal struct ArenaBuffer<T>(Arena arena) where T : unmanaged
{
    private UnsafeSlice<T> _memory;

    // Of the memory, not of the buffer: growth under a mark makes it the mark's. Read before the memory is taken: should the request end in between, it is known to be over.
    private ArenaLifetime _lifetime = arena.Lifetime;

    public readonly Arena Arena => arena;

    public int Count { get; private set; }

    public readonly int Capacity => _memory.Length;

    public readonly int FreeCapacity => _memory.Length - Count;

    public readonly ArenaLifetime Lifetime => _lifetime;

    public readonly UnsafeSlice<T> Memory => _memory;

    /// <exception cref="ObjectDisposedException">The memory is not the buffer's any more.</exception>
    public readonly Span<T> Written => Checked(_memory.Span[..Count]);

    /// <exception cref="ObjectDisposedException">The memory is not the buffer's any more.</exception>
    public readonly Span<T> Free => Checked(_memory.Span[Count..]);

    /// <summary>What is written and what is free.</summary>
    /// <exception cref="ObjectDisposedException">The memory is not the buffer's any more.</exception>
    public readonly Span<T> Live => Checked(_memory.Span);

    /// <exception cref="ObjectDisposedException">The memory is not the buffer's any more.</exception>
    public readonly void ThrowIfOver() => arena.ThrowIfOver(_lifetime);

    /// <summary>Grows, so that at least <paramref name="more"/> elements are free.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than an array could have.</exception>
    /// <exception cref="ObjectDisposedException">The memory is not the buffer's any more.</exception>
    public void Grow(int more)
    {
        long needed = (long)Count + more;
        if (needed > Array.MaxLength)
        {
            ThrowHelper.BufferTooLong(needed);
        }

        ArenaLifetime lifetime = arena.Lifetime;
        arena.Grow(ref _memory, Written, (int)needed, _lifetime);
        _lifetime = lifetime;
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
            arena.TryResizeLive(ref _memory, Count, _lifetime);
        }
    }

    // A call, because the compiler makes a span that it sees the address of where it likes: see UnsafeSlice.Tracked.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly Span<T> Checked(Span<T> memory)
    {
        ThrowIfOver();
        return memory;
    }

    [Conditional("DEBUG")]
    private readonly void AssertValid() => Debug.Assert(Count >= 0 && Count <= _memory.Length, "What is written lies in the memory.");
}
