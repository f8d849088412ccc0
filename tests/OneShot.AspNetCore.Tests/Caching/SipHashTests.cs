using OneShot.AspNetCore.Caching;

namespace OneShot.AspNetCore.Tests.Caching;

public sealed class SipHashTests
{
    private const ulong Key0 = 0x0706_0504_0302_0100;
    private const ulong Key1 = 0x0F0E_0D0C_0B0A_0908;

    /// <summary>The vectors of the reference implementation, SipHash-2-4: the bytes 0, 1, 2, ... under the key 00 01 ... 0f.</summary>
    [Theory]
    [InlineData(0, 0x726F_DB47_DD0E_0E31)]
    [InlineData(1, 0x74F8_39C5_93DC_67FD)]
    [InlineData(15, 0xA129_CA61_49BE_45E5)]
    public void It_is_the_reference_implementation(int length, ulong expected) =>
        Assert.Equal(expected, SipHash.Compute(Key0, Key1, Bytes(length), rounds: 2, lastRounds: 4));

    [Fact]
    public void Two_keys_hash_alike_by_no_more_than_chance()
    {
        SipHash one = SipHash.CreateRandom();
        SipHash other = SipHash.CreateRandom();

        for (int length = 0; length < 100; length++)
        {
            Assert.NotEqual(one.Of(Bytes(length)), other.Of(Bytes(length)));
            Assert.Equal(one.Of(Bytes(length)), one.Of(Bytes(length)));
        }
    }

    [Fact]
    public void Every_bit_of_the_input_counts()
    {
        SipHash hash = SipHash.CreateRandom();
        var seen = new HashSet<ulong> { hash.Of(Bytes(40)) };
        for (int bit = 0; bit < 320; bit++)
        {
            byte[] bytes = Bytes(40);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(seen.Add(hash.Of(bytes)));
        }

        Assert.True(seen.Add(hash.Of(Bytes(41))) && seen.Add(hash.Of(Bytes(39))));
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];
}
