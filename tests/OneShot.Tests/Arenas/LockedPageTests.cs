using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Tests.Memory;

namespace OneShot.Tests.Arenas;

/// <summary>Pages that are locked into memory, which the kernel refuses to take back.</summary>
public unsafe class LockedPageTests
{
    [Theory]
    [InlineData(ArenaReclamation.Never, false)]
    [InlineData(ArenaReclamation.PerRequest, false)]
    [InlineData(ArenaReclamation.Generational, false)]
    [InlineData(ArenaReclamation.Never, true)]
    [InlineData(ArenaReclamation.PerRequest, true)]
    [InlineData(ArenaReclamation.Generational, true)]
    public void A_request_on_a_locked_page_ends_and_the_next_begins(ArenaReclamation reclamation, bool guardPages)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mlock(2) as Linux has it.");
        using ProcessArena process = new(new() { Capacity = 1 << 20, BlockSize = 4096, Reclamation = reclamation, Debug = true, GuardPages = guardPages });
        using Arena arena = process.CreateArena();
        for (int request = 0; request < 5; request++)
        {
            Span<byte> memory = arena.Allocate<byte>(64);
            Assert.False(memory.ContainsAnyExcept((byte)0));
            memory.Fill(0xEE);
            byte* start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
            Assert.SkipUnless(LockedMemory.TryLock(start, 64), "This process may not lock a page.");
            arena.Allocate<byte>(3000).Fill(0xEE);
            arena.Reset();
            Assert.Equal(0, arena.Allocated);
        }

        arena.Dispose();
        Assert.True(reclamation != ArenaReclamation.PerRequest || process.Used == 0);
    }
}
