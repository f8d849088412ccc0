using System.Numerics;
using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>Which lines of a table have no known name. Most requests have few, and a look-up need not see the others.</summary>
internal struct UnknownLines
{
    private const int LastBit = 63;

    private ulong _lines;

    /// <summary>The lines from the last bit's on share it, and any of them may be one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int index) => _lines |= 1UL << Math.Min(index, LastBit);

    /// <summary>The first such line, or one that may be, from <paramref name="start"/> on, or -1.</summary>
    /// <param name="start">Not negative.</param>
    /// <param name="count">The lines there are.</param>
    public readonly int Next(int start, int count)
    {
        if (start < LastBit)
        {
            ulong rest = _lines >> start << start;
            return rest == 0 ? -1 : BitOperations.TrailingZeroCount(rest);
        }

        return start < count && _lines >> LastBit != 0 ? start : -1;
    }
}
