using System.Numerics;
using OneShot.Memory;

namespace OneShot.Blocks;

/// <summary>
/// The sizes in which reclaimed blocks come: four to each doubling, so that a block returned by one request fits the
/// next and at most a fifth of it is unused.
/// </summary>
internal static class SizeClass
{
    /// <summary>Sizes up to 2^46 bytes, more than a region can have.</summary>
    public const int Count = (46 - Shift) * 4;

    // 2^6 = Alignment.Block; below 4 * 64 bytes the four steps of a doubling are whole blocks of 64.
    private const int Shift = 8;

    /// <summary>Rounds up to a class's size, which is a multiple of <see cref="Alignment.Block"/>.</summary>
    public static nuint RoundUp(nuint size)
    {
        size = nuint.Max(size, (nuint)1 << Shift);
        int doubling = BitOperations.Log2(size);
        return Alignment.Up(size, (nuint)1 << (doubling - 2));
    }

    /// <summary>The index of the class whose size is exactly <paramref name="size"/>.</summary>
    public static int Of(nuint size)
    {
        int doubling = BitOperations.Log2(size);
        return ((doubling - Shift) * 4) + (int)((size >> (doubling - 2)) & 3);
    }
}
