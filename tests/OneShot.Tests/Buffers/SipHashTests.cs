using System.Numerics;
using OneShot.Buffers;

namespace OneShot.Tests.Buffers;

public class SipHashTests
{
    private const ulong Key0 = 0x0706050403020100;
    private const ulong Key1 = 0x0F0E0D0C0B0A0908;

    // The example of the paper's appendix A, and the first two of its authors' table of test vectors: the bytes 0, 1, 2, ... under the key 00 01 ... 0f.
    [Theory]
    [InlineData(15, 0xA129CA6149BE45E5)]
    [InlineData(0, 0x726FDB47DD0E0E31)]
    [InlineData(1, 0x74F839C593DC67FD)]
    public void The_naive_twin_is_SipHash(int length, ulong expected) =>
        Assert.Equal(expected, Naive(Bytes(length), Key0, Key1, rounds: 2, lastRounds: 4));

    // With these rounds the vectors are those of Rust's tests of its hasher.
    [Theory]
    [InlineData(0, 0xABAC0158050FC4DC)]
    [InlineData(1, 0xC9F49BF37D57CA93)]
    [InlineData(15, 0xD320D86D2A519956)]
    public void It_is_SipHash_1_3(int length, ulong expected) => Assert.Equal(expected, new SipHash(Key0, Key1).Of(Bytes(length)));

    [Fact]
    public void It_is_what_its_naive_twin_says_at_every_length()
    {
        var random = new Random(1);
        byte[] bytes = new byte[600];
        random.NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            ulong key0 = (ulong)random.NextInt64();
            ulong key1 = (ulong)random.NextInt64();
            ReadOnlySpan<byte> part = bytes.AsSpan(bytes.Length - length);
            Assert.Equal(Naive(part, key0, key1, rounds: 1, lastRounds: 3), new SipHash(key0, key1).Of(part));
        }
    }

    [Fact]
    public void Two_keys_hash_alike_by_no_more_than_chance()
    {
        var one = SipHash.CreateRandom();
        var other = SipHash.CreateRandom();

        for (int length = 0; length < 100; length++)
        {
            Assert.NotEqual(one.Of(Bytes(length)), other.Of(Bytes(length)));
            Assert.Equal(one.Of(Bytes(length)), one.Of(Bytes(length)));
        }
    }

    [Fact]
    public void Every_bit_of_the_input_counts()
    {
        var hash = SipHash.CreateRandom();
        var seen = new HashSet<ulong> { hash.Of(Bytes(40)) };
        for (int bit = 0; bit < 320; bit++)
        {
            byte[] bytes = Bytes(40);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(seen.Add(hash.Of(bytes)));
        }

        Assert.True(seen.Add(hash.Of(Bytes(41))) && seen.Add(hash.Of(Bytes(39))));
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(index => (byte)index)];

    /// <summary>As the paper words it, with any numbers of rounds.</summary>
    private static ulong Naive(ReadOnlySpan<byte> bytes, ulong key0, ulong key1, int rounds, int lastRounds)
    {
        ulong[] v = [key0 ^ 0x736F6D6570736575, key1 ^ 0x646F72616E646F6D, key0 ^ 0x6C7967656E657261, key1 ^ 0x7465646279746573];
        byte[] padded = new byte[(bytes.Length / 8 * 8) + 8];
        bytes.CopyTo(padded);
        padded[^1] = (byte)bytes.Length;
        for (int start = 0; start < padded.Length; start += 8)
        {
            ulong word = BitConverter.ToUInt64(padded, start);
            v[3] ^= word;
            Rounds(v, rounds);
            v[0] ^= word;
        }

        v[2] ^= 0xFF;
        Rounds(v, lastRounds);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Rounds(ulong[] v, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            HalfRound(v, 0, 1, 2, 3, 13, 16);
            HalfRound(v, 2, 1, 0, 3, 17, 21);
        }
    }

    private static void HalfRound(ulong[] v, int a, int b, int c, int d, int left, int right)
    {
        v[a] += v[b];
        v[c] += v[d];
        v[b] = BitOperations.RotateLeft(v[b], left) ^ v[a];
        v[d] = BitOperations.RotateLeft(v[d], right) ^ v[c];
        v[a] = BitOperations.RotateLeft(v[a], 32);
    }
}
