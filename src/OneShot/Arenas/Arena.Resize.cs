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

        if (_log is not null)
        {
            return TryResizeDebug(ref newest, count);
        }

        byte* start = (byte*)newest.Pointer;
        nuint oldSize = Alignment.Up((nuint)newest.Length * (nuint)sizeof(T), Alignment.Default);
        nuint newSize = Alignment.Up((nuint)count * (nuint)sizeof(T), Alignment.Default);
        if (start + oldSize != _cursor || start < _start || start >= _limit || _cursor > _limit || newSize > (nuint)(_limit - start))
        {
            return false;
        }

        if (count < newest.Length)
        {
            GiveBack(start + ((nuint)count * (nuint)sizeof(T)), start + newSize);
        }

        _cursor = start + newSize;
        newest = new UnsafeSlice<T>((T*)start, count);
        return true;
    }

    /// <summary>Clears from <paramref name="from"/> to the cursor, and moves the cursor back.</summary>
    private void GiveBack(byte* from, byte* newCursor)
    {
        Clear(from, _cursor);
        _reached = Max(_reached, _cursor);
        _cursor = newCursor;
    }
}
