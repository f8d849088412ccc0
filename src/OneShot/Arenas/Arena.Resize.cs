using OneShot.Blocks;
using OneShot.Buffers;
using OneShot.Memory;

namespace OneShot;

/// <summary>Growth and shrinkage of the newest allocation, in place.</summary>
public sealed unsafe partial class Arena
{
    /// <summary>
    /// Changes the length of the newest allocation without moving it. What is added is zero; what is given back is
    /// cleared and serves this request's next allocations, never another request's under <see cref="ArenaReclamation.Never"/>.
    /// </summary>
    /// <param name="newest">What the last allocation returned. Updated on success.</param>
    /// <param name="count">Its new length in elements.</param>
    /// <returns>False if it is not the newest in its block, has a block of its own, or finds no room: the caller allocates anew.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public bool TryResize<T>(ref UnsafeSlice<T> newest, int count) where T : unmanaged
    {
        if (count < 0)
        {
            ThrowHelper.NegativeCount(count);
        }

        using Inside inside = Enter();
        return TryResizeInside(ref newest, count);
    }

    /// <summary>
    /// As <see cref="TryResize{T}"/>, not behind the lifetime's end: the next request's newest allocation may lie
    /// where this one lay, and have the same length.
    /// </summary>
    internal bool TryResizeLive<T>(ref UnsafeSlice<T> newest, int count, in ArenaLifetime lifetime) where T : unmanaged
    {
        using Inside inside = Enter();
        return !IsOver(lifetime) && TryResizeInside(ref newest, count);
    }

    private bool TryResizeInside<T>(ref UnsafeSlice<T> newest, int count) where T : unmanaged
    {
        if (_log is not null)
        {
            return TryResizeDebug(ref newest, count);
        }

        if (_state != State.Open || _blocks.Filled.Count == 0 || !TryReadCursor(out nint cursor))
        {
            return false;
        }

        // In locals, all of it: what a list is to be resized with may be another thread's at the same time.
        UnsafeSlice<T> old = newest;
        ref readonly HeldBlock current = ref _blocks.Filled.Last;
        byte* tip = current.Block.Start + cursor;
        byte* start = (byte*)old.Pointer;
        nuint oldSize = Alignment.Up((nuint)(uint)old.Length * (nuint)sizeof(T), Alignment.Default);
        nuint newSize = Alignment.Up((nuint)count * (nuint)sizeof(T), Alignment.Default);
        if (start + oldSize != tip || start < current.Start || start >= current.Limit || newSize > (nuint)(current.Limit - start))
        {
            return false;
        }

        if (count < old.Length)
        {
            current.ClearWithin(start + ((nuint)count * (nuint)sizeof(T)), tip);
            _reached = nint.Max(_reached, cursor);
        }

        _cursor = (nint)(start + newSize - current.Block.Start);
        newest = new UnsafeSlice<T>((T*)start, count);
        return true;
    }
}
