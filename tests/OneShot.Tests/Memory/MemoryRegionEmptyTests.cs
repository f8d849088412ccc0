using OneShot.Memory;

namespace OneShot.Tests.Memory;

public unsafe class MemoryRegionEmptyTests
{
    private const int Size = 256 << 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Emptied_memory_reads_zeros_costs_nothing_and_can_be_committed_again(bool isLocked)
    {
        using MemoryRegion region = MemoryRegion.Reserve(Size);
        region.Commit(0, Size);
        var memory = new Span<byte>(region.Base, Size);
        memory.Fill(7);
        Assert.SkipWhen(isLocked && !(OperatingSystem.IsLinux() && LockedMemory.TryLock(region.Base, Size)), "This process may not lock memory.");

        Assert.True(region.TryEmpty(0, Size));
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(0, ResidentSet.Bytes((nint)region.Base, Size));
        }

        Assert.False(memory.ContainsAnyExcept((byte)0));
        region.Commit(0, Size);
        memory.Fill(9);
        Assert.False(memory.ContainsAnyExcept((byte)9));
    }

    [Fact]
    public void Locked_memory_is_given_back_too()
    {
        using MemoryRegion region = MemoryRegion.Reserve(Size);
        region.Commit(0, Size);
        new Span<byte>(region.Base, Size).Fill(7);
        Assert.SkipUnless(OperatingSystem.IsLinux() && LockedMemory.TryLock(region.Base, Size), "This process may not lock memory.");
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(5, 18), "This kernel does not drop locked pages.");
        region.Discard(0, Size);
        Assert.Equal(0, ResidentSet.Bytes((nint)region.Base, Size));
        new Span<byte>(region.Base, Size).Fill(7);
        region.Decommit(0, Size);
        Assert.Equal(0, ResidentSet.Bytes((nint)region.Base, Size));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Core_dumps_leave_the_region_out_if_asked_to(bool isExcluded)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Flags are read from smaps.");
        using MemoryRegion region = MemoryRegion.Reserve(Size, excludeFromCoreDumps: isExcluded);
        region.Commit(0, Size);
        Assert.Equal(isExcluded, MappingFlags.Of((nint)region.Base).Contains(" dd", StringComparison.Ordinal));
    }
}
