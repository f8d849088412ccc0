using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace OneShot.AspNetCore.Caching;

/// <summary>
/// SipHash-1-3 with a random key (Aumasson and Bernstein, "SipHash: a fast short-input PRF"): who does not know the key cannot tell which inputs collide, however many he
/// may choose. It is what hash tables of Rust and Python take against floods.
/// </summary>
internal readonly struct SipHash
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    private SipHash(ulong key0, ulong key1)
    {
        _key0 = key0;
        _key1 = key1;
    }

    /// <summary>With a key that nobody knows.</summary>
    public static SipHash CreateRandom()
    {
        Span<byte> key = stackalloc byte[16];
        RandomNumberGenerator.Fill(key);
        return new SipHash(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
    }

    /// <summary>The hash of the bytes.</summary>
    public ulong Of(ReadOnlySpan<byte> bytes) => Compute(_key0, _key1, bytes, rounds: 1, lastRounds: 3);

    /// <summary>SipHash with so many rounds for each word and at the end.</summary>
    internal static ulong Compute(ulong key0, ulong key1, ReadOnlySpan<byte> bytes, int rounds, int lastRounds)
    {
        ulong v0 = key0 ^ 0x736F_6D65_7073_6575;
        ulong v1 = key1 ^ 0x646F_7261_6E64_6F6D;
        ulong v2 = key0 ^ 0x6C79_6765_6E65_7261;
        ulong v3 = key1 ^ 0x7465_6462_7974_6573;
        ulong last = (ulong)bytes.Length << 56;
        while (bytes.Length >= sizeof(ulong))
        {
            Take(BinaryPrimitives.ReadUInt64LittleEndian(bytes), rounds, ref v0, ref v1, ref v2, ref v3);
            bytes = bytes[sizeof(ulong)..];
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            last |= (ulong)bytes[i] << (8 * i);
        }

        Take(last, rounds, ref v0, ref v1, ref v2, ref v3);
        v2 ^= 0xFF;
        for (int i = 0; i < lastRounds; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Take(ulong word, int rounds, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        for (int i = 0; i < rounds; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        v0 ^= word;
    }

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
