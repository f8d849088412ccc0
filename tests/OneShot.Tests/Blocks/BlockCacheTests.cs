using OneShot.Blocks;

namespace OneShot.Tests.Blocks;

public unsafe class BlockCacheTests
{
    [Fact]
    public void A_returned_block_is_taken_again_and_counted_only_while_it_waits()
    {
        var cache = new BlockCache();
        Assert.False(cache.TryTake(256, orLarger: true, out _));
        cache.Return(new Block((byte*)4096, 1024));
        Assert.Equal(1024, cache.FreeBytes);
        Assert.False(cache.TryTake(256, orLarger: false, out _));
        Assert.False(cache.TryTake(2048, orLarger: true, out _));
        Assert.True(cache.TryTake(256, orLarger: true, out Block block));
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
        while (cache.TryTake(4096, orLarger: false, out Block block))
        {
            Assert.True(seen.Add((nint)block.Start));
        }

        Assert.Equal(100, seen.Count);
    }
}
