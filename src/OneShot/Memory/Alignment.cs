using System.Numerics;
using System.Runtime.CompilerServices;

namespace OneShot.Memory;

/// <summary>Size and address arithmetic, all of it unsigned and in the width of a pointer.</summary>
internal static unsafe class Alignment
{
    /// <summary>What every allocation is aligned to, and what every size is rounded up to.</summary>
    public const int Default = 8;

    /// <summary>Where blocks begin: no two arenas ever write to the same cache line.</summary>
    public const int Block = 64;

    /// <summary>Rounds up to a power of two. The caller guarantees that <paramref name="value"/> is far from the end of the address space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Up(nuint value, nuint alignment)
    {
        System.Diagnostics.Debug.Assert(BitOperations.IsPow2(alignment), "Alignments are powers of two.");
        return (value + (alignment - 1)) & ~(alignment - 1);
    }

    /// <summary>The natural alignment of <typeparamref name="T"/>, at least <see cref="Default"/>; a constant to the JIT.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of<T>() where T : unmanaged
    {
        // The padding the runtime puts behind one byte to reach a T is what a T wants to be aligned to.
        int natural = sizeof(OneByteThen<T>) - sizeof(T);
        return natural > Default ? natural : Default;
    }

    private struct OneByteThen<T> where T : unmanaged
    {
#pragma warning disable CS0649, CS0169, IDE0051 // Only the layout matters.
        private readonly byte _first;
        private readonly T _second;
#pragma warning restore CS0649, CS0169, IDE0051
    }
}
