using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace OneShot.Buffers;

/// <summary>
/// SipHash-1-3 under a key (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, with the rounds that Rust's and
/// Python's tables use): who does not know the key cannot choose bytes that collide.
/// </summary>
internal readonly struct SipHash(ulong key0, ulong key1)
{
    /// <summary>Under a key that nobody knows.</summary>
    public static SipHash CreateRandom() => new(RandomBits.Next(), RandomBits.Next());

    /// <summary>The hash of the bytes.</summary>
    public ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong v0 = key0 ^ 0x736F6D6570736575;
        ulong v1 = key1 ^ 0x646F72616E646F6D;
        ulong v2 = key0 ^ 0x6C7967656E657261;
        ulong v3 = key1 ^ 0x7465646279746573;

        // The last word is what is left of the bytes, and their number in its highest byte.
        ulong last = (ulong)bytes.Length << 56;
        while (bytes.Length >= sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            bytes = bytes[sizeof(ulong)..];
        }

        for (int index = 0; index < bytes.Length; index++)
        {
            last |= (ulong)bytes[index] << (8 * index);
        }

        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;

        v2 ^= 0xFF;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
