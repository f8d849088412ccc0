using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Buffers;

/// <summary>
/// Hashes of keys, by numbers that each process draws anew: keys that collide in one process do not in another, and who
/// does not know the numbers cannot choose many that do.
/// </summary>
/// <remarks>
/// Of a number it is a multiplication by a random odd number, of which the upper bits count: two different numbers fall into
/// the same of 2^m chains with a probability of at most 2 in 2^m (Dietzfelbinger et al., "A reliable randomized algorithm for
/// the closest-pair problem", 1997). Of bytes it is <see cref="SipHash"/>.
/// </remarks>
internal static class KeyHash
{
    private static readonly ulong s_multiplier = Random() | 1;
    private static readonly ulong s_key0 = Random();
    private static readonly ulong s_key1 = Random();

    /// <summary>The hash of a key: its upper bits are the ones to use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of<TKey>(TKey key) where TKey : unmanaged, IEquatable<TKey>
    {
        // What is larger than its hash code, and would be folded into it in a way that everybody knows.
        if (typeof(TKey) == typeof(Guid) || typeof(TKey) == typeof(Int128) || typeof(TKey) == typeof(UInt128))
        {
            return Of(MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)));
        }

        return Of(NumberOf(key), s_multiplier);
    }

    /// <summary>The hash of a key of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> key) => (uint)(SipHash.Of(key, s_key0, s_key1) >> 32);

    /// <summary>The hash of a number by an odd multiplier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(ulong number, ulong multiplier) => (uint)((number * multiplier) >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong NumberOf<TKey>(TKey key) where TKey : unmanaged
    {
        if (typeof(TKey) == typeof(long) || typeof(TKey) == typeof(ulong) || typeof(TKey) == typeof(nint) || typeof(TKey) == typeof(nuint))
        {
            return Unsafe.BitCast<TKey, ulong>(key);
        }

        return (uint)key.GetHashCode();
    }

    /// <summary>64 random bits of the operating system's: a Guid has 122, and its six fixed ones meet random ones here.</summary>
    private static ulong Random()
    {
        Span<Guid> random = [Guid.NewGuid()];
        ReadOnlySpan<ulong> halves = MemoryMarshal.Cast<Guid, ulong>(random);
        return halves[0] ^ BitOperations.RotateLeft(halves[1], 32);
    }
}
