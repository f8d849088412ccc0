using System.Buffers.Binary;
using System.Numerics;
using OneShot.Buffers;

namespace OneShot.Tests.Buffers;

/// <summary>That keys cannot be chosen so that they collide.</summary>
public class KeyHashTests
{
    private const int Keys = 1 << 13;
    private const int Chains = 1 << 13;

    // Times a number it is the number in both halves of 64 bits, which the framework's hash code folds into 0.
    private const long Twice = (1L << 32) + 1;

    [Fact]
    public void Bytes_that_look_alike_fall_into_chains_as_random_ones_do()
    {
        var hashes = new HashSet<uint>();
        int[] chains = new int[Chains];
        byte[] key = new byte[20];
        for (int index = 0; index < Keys; index++)
        {
            BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(8), index);
            uint hash = KeyHash.Of(key.AsSpan());
            hashes.Add(hash);
            chains[hash >> (32 - BitOperations.Log2(Chains))]++;
        }

        // Of random ones 8 in a chain is the most to be expected, and 20 once in 10^14 runs.
        Assert.InRange(chains.Max(), 1, 20);
        Assert.InRange(hashes.Count, Keys - 5, Keys);
    }

    // Keys whose own hash codes are all the same, or meet in the lower bits: what floods a table that goes by those.
    [Fact]
    public void Numbers_that_collide_by_their_own_hash_codes_do_not_collide()
    {
        AssertApart(index => index * Twice, key => (ulong)key);
        AssertApart(index => index * 65536, key => (uint)key);
        AssertApart(index => (long)index << 40, key => (ulong)key);
        AssertApart(index => TimeSpan.FromTicks(index * Twice), key => (ulong)key.Ticks);
        AssertApart(index => new DateTime(index * Twice), key => (ulong)key.Ticks);
        AssertApart(index => new DateTimeOffset(index * Twice, TimeSpan.Zero), key => (ulong)key.Ticks);
        AssertApart(index => BitConverter.Int64BitsToDouble(index * Twice), BitConverter.DoubleToUInt64Bits);
        Assert.Single(Enumerable.Range(0, 100).Select(index => (index * Twice).GetHashCode()).Distinct());
    }

    [Fact]
    public void Wide_keys_that_collide_by_their_own_hash_codes_do_not_collide()
    {
        Guid[] keys = [.. Enumerable.Range(0, Keys).Select(index => new Guid(index, 0, 0, [.. BitConverter.GetBytes(index), 0, 0, 0, 0]))];
        Assert.Single(keys.Select(key => key.GetHashCode()).Distinct());
        Assert.InRange(keys.Select(key => KeyHash.Of(key)).Distinct().Count(), Keys - 5, Keys);
        Assert.InRange(Enumerable.Range(0, Keys).Select(index => KeyHash.Of(new UInt128((ulong)index, (ulong)index))).Distinct().Count(), Keys - 5, Keys);
    }

    [Fact]
    public void Hostile_numbers_do_not_flood_a_dictionary()
    {
        using ProcessArena process = new(new() { Capacity = 64 << 20 });
        using Arena arena = process.CreateArena();
        ArenaDictionary<long, int> map = arena.CreateDictionary<long, int>();
        for (int index = 0; index < 100_000; index++)
        {
            map.Add(index * Twice, index); // in one chain this would be five thousand million steps
        }

        Assert.Equal(100_000, map.Count);
        Assert.Equal(77_777, map[77_777 * Twice]);
        map.AssertValid();
    }

    /// <summary>Over many multipliers the pairs that share a chain are on average at most as many as the theory allows: one a key.</summary>
    private static void AssertApart<TKey>(Func<int, TKey> keyOf, Func<TKey, ulong> numberOf) where TKey : unmanaged, IEquatable<TKey>
    {
        var random = new Random(1);
        const int Multipliers = 50;
        double pairs = 0;
        for (int turn = 0; turn < Multipliers; turn++)
        {
            ulong multiplier = (ulong)random.NextInt64(long.MinValue, long.MaxValue) | 1;
            int[] chains = new int[Chains];
            for (int index = 0; index < Keys; index++)
            {
                chains[KeyHash.Of(numberOf(keyOf(index)), multiplier) >> (32 - BitOperations.Log2(Chains))]++;
            }

            pairs += chains.Sum(chain => chain * (chain - 1L) / 2);
        }

        Assert.InRange(pairs / Multipliers / Keys, 0, 1);
        Assert.InRange(Enumerable.Range(0, Keys).Select(index => KeyHash.Of(keyOf(index))).Distinct().Count(), Keys / 2, Keys);
    }
}
