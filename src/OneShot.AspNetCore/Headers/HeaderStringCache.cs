using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// Short header values as strings, shared by all connections: a User-Agent is made a string once, not with every request.
/// </summary>
/// <remarks>
/// <para>
/// Thread-safe without a lock. Every slot is one reference and stands for itself, so that whatever two threads do to it, a
/// reader finds a string or none, and compares it with its bytes before it takes it. A lost race costs a string, never a wrong one.
/// </para>
/// <para>
/// Bounded in size and in time: a value has two slots it can be in, and nothing is ever searched or chained. Values made to
/// collide, were the random key of the hash known, could only push each other out. A value is kept from its second appearance
/// on, so that those that never come again (request ids, trace contexts) neither displace the others nor grow old in the heap.
/// </para>
/// </remarks>
internal sealed class HeaderStringCache
{
    /// <summary>Longer values are not kept, in bytes: at most half a mebibyte of strings in all.</summary>
    public const int MaxLength = 256;

    private const int Slots = 1024;
    private const int Fingerprints = 4096;

    private readonly string?[] _strings = new string?[Slots];
    private readonly uint[] _seenOnce = new uint[Fingerprints];
    private readonly ulong _key = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>The bytes as a string, the same one as last time where it was kept.</summary>
    /// <param name="ascii">ASCII only, not empty.</param>
    public string Get(ReadOnlySpan<byte> ascii)
    {
        if (ascii.Length > MaxLength)
        {
            return Encoding.ASCII.GetString(ascii);
        }

        ulong hash = Hash(ascii);
        int slot = (int)(hash % Slots);
        if (Volatile.Read(ref _strings[slot]) is { } first && Ascii.Equals(ascii, first))
        {
            return first;
        }

        if (Volatile.Read(ref _strings[slot ^ 1]) is { } second && Ascii.Equals(ascii, second))
        {
            return second;
        }

        string made = Encoding.ASCII.GetString(ascii);
        uint fingerprint = (uint)(hash >> 32) | 1;
        ref uint seen = ref _seenOnce[(hash >> 16) % Fingerprints];
        if (seen == fingerprint)
        {
            Keep(made, slot, hash);
        }
        else
        {
            seen = fingerprint;
        }

        return made;
    }

    private void Keep(string made, int slot, ulong hash)
    {
        // The other slot when this one is taken and that one is not; else whichever the hash says, or one would never be displaced.
        bool other = _strings[slot] is not null && (_strings[slot ^ 1] is null || (hash & Slots) != 0);
        Volatile.Write(ref _strings[other ? slot ^ 1 : slot], made);
    }

    /// <summary>Folded multiplication, sixteen bytes a step (as in wyhash), from a random key.</summary>
    private ulong Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong Odd1 = 0x9E37_79B9_7F4A_7C15, Odd2 = 0xD6E8_FEB8_6659_FD93;
        ulong hash = _key ^ (ulong)bytes.Length;
        while (bytes.Length > 16)
        {
            hash = Fold(Word(bytes) ^ Odd1, Word(bytes[8..]) ^ hash);
            bytes = bytes[16..];
        }

        (ulong low, ulong high) = bytes.Length switch
        {
            >= 8 => (Word(bytes), Word(bytes[^8..])),
            >= 4 => (BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..])),
            _ => (bytes[0], ((ulong)bytes[bytes.Length / 2] << 8) | bytes[^1]),
        };
        return Fold(Fold(low ^ Odd1, high ^ hash), Odd2);
    }

    private static ulong Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }
}
