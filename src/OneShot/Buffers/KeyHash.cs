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
    private static readonly ulong s_multiplier = RandomBits.Next() | 1;
    private static readonly SipHash s_bytes = SipHash.CreateRandom();

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
    public static uint Of(ReadOnlySpan<byte> key) => (uint)(s_bytes.Of(key) >> 32);

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

        if (typeof(TKey) == typeof(double))
        {
            return NumberOf(Unsafe.BitCast<TKey, double>(key));
        }

        // The number that they are compared by: a time's kind and offset are not in it.
        if (typeof(TKey) == typeof(TimeSpan))
        {
            return (ulong)Unsafe.BitCast<TKey, TimeSpan>(key).Ticks;
        }

        if (typeof(TKey) == typeof(DateTime))
        {
            return (ulong)Unsafe.BitCast<TKey, DateTime>(key).Ticks;
        }

        if (typeof(TKey) == typeof(DateTimeOffset))
        {
            return (ulong)Unsafe.BitCast<TKey, DateTimeOffset>(key).UtcTicks;
        }

        return (uint)key.GetHashCode();
    }

    /// <summary>Its bits; one number for both zeros, and one for all that are no number, since they equal each other.</summary>
    private static ulong NumberOf(double key) => key == 0 ? 0 : BitConverter.DoubleToUInt64Bits(double.IsNaN(key) ? double.NaN : key);
}
