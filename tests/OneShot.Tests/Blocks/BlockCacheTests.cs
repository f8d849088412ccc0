using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot.Tests.Blocks;

public unsafe class BlockCacheTests
{
    [Fact]
    public void A_returned_block_is_taken_again_and_counted_only_while_it_waits()
    {
        var cache = new BlockCache();
        Assert.False(cache.TryTake(256, join: true, out _));
        cache.Return(new Block((byte*)4096, 1024));
        Assert.Equal(1024, cache.FreeBytes);
        Assert.False(cache.TryTake(256, join: false, out _));
        Assert.False(cache.TryTake(2048, join: true, out _));
        Assert.True(cache.TryTake(1024, join: false, out Block block));
        Assert.Equal(4096, (nint)block.Start);
        Assert.Equal(1024u, block.Size);
        Assert.Equal(0, cache.FreeBytes);
    }

    [Fact]
    public void Many_blocks_of_one_class_all_come_back()
    {
        var cache = new BlockCache();
        for (int index = 1; index <= 100; index++)
        {
            cache.Return(new Block((byte*)(index * 4096), 4096));
        }

        var seen = new HashSet<nint>();
        while (cache.TryTake(4096, join: false, out Block block))
        {
            Assert.True(seen.Add((nint)block.Start));
        }

        Assert.Equal(100, seen.Count);
    }

    [Fact]
    public void A_larger_block_is_split_and_neighbours_are_joined()
    {
        var cache = new BlockCache();
        cache.Return(new Block((byte*)65536, 16384));
        Assert.True(cache.TryTake(1024, join: true, out Block part));
        Assert.Equal(15 * 1024, cache.FreeBytes);
        Assert.False(cache.TryTake(16384, join: true, out _));
        cache.Return(part);
        cache.Return(new Block((byte*)(65536 + 16384), 16384));
        Assert.True(cache.TryTake(32768, join: true, out Block whole));
        Assert.Equal(65536, (nint)whole.Start);
        Assert.Equal(0, cache.FreeBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Blocks_never_overlap_are_counted_exactly_and_join_to_one_piece_in_the_end(int seed)
    {
        const int Total = 1 << 20;
        const int Base = 1 << 20;
        var random = new Random(seed);
        var cache = new BlockCache();
        cache.Return(new Block((byte*)Base, Total));
        var held = new List<Block>();
        var owner = new byte[Total / 64];
        for (int step = 0; step < 50_000; step++)
        {
            if (held.Count > 0 && random.Next(100) < (step / 5000 % 2 == 0 ? 45 : 60))
            {
                int index = random.Next(held.Count);
                Block block = held[index];
                held[index] = held[^1];
                held.RemoveAt(held.Count - 1);
                Units(block, owner).Clear();
                cache.Return(block);
            }
            else
            {
                nuint size = SizeClass.RoundUp((nuint)random.Next(1, random.Next(10) == 0 ? 100_000 : 5000));
                if (cache.TryTake(size, join: true, out Block block))
                {
                    Assert.Equal(size, block.Size);
                    Assert.False(Units(block, owner).ContainsAnyExcept((byte)0));
                    Units(block, owner).Fill(1);
                    held.Add(block);
                }
                else
                {
                    // Refused only if no stretch is free that is as long.
                    Assert.True(LongestFree(owner) < (long)size, $"{size} bytes were refused, {LongestFree(owner)} are free in one piece.");
                }
            }

            Assert.Equal(Total - held.Sum(block => (long)block.Size), cache.FreeBytes);
        }

        held.ForEach(cache.Return);
        Assert.True(cache.TryTake(Total, join: true, out Block all));
        Assert.Equal(Base, (nint)all.Start);

        static Span<byte> Units(Block block, byte[] owner) => owner.AsSpan((int)(((nint)block.Start - Base) / 64), (int)block.Size / 64);
    }

    [Fact]
    public void A_trim_counts_no_byte_twice_and_leaves_the_blocks_to_others()
    {
        const int Size = 8 << 20;
        using var region = new BumpRegion(Size, RegionSettings.Plain);
        byte* start = region.TryTakeBlock(Size, 4096);
        var cache = new BlockCache();
        for (int index = 0; index < Size; index += 64 << 10)
        {
            cache.Return(new Block(start + index, 64 << 10));
        }

        using var stop = new CancellationTokenSource();
        var other = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.True(cache.TryTake(64 << 10, join: true, out Block block));
                cache.Return(block);
            }
        });
        other.Start();
        for (int round = 0; round < 50; round++)
        {
            cache.Discard(region);
        }

        stop.Cancel();
        other.Join();
        cache.Discard(region);
        Assert.Equal(0, cache.Discard(region));
        Assert.True(cache.TryTake(64 << 10, join: true, out Block used));
        cache.Return(used);
        Assert.Equal(64 << 10, cache.Discard(region));
        Assert.Equal(0, cache.Discard(region));
        Assert.Equal(Size, cache.FreeBytes);
        Assert.True(cache.TryTake(Size, join: true, out _));
    }

    private static long LongestFree(byte[] owner)
    {
        long longest = 0;
        long run = 0;
        foreach (byte unit in owner)
        {
            run = unit == 0 ? run + 64 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
