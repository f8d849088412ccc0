using System.Buffers;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Buffers;

public class ArenaMemoryTests
{
    private const int Block = 4096;

    [Fact]
    public void Memory_is_zero_has_the_length_asked_for_and_keeps_what_is_written()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Memory<byte> first = arena.AllocateMemory(100);
        Memory<byte> second = arena.AllocateMemory(3);
        Assert.Equal(100, first.Length);
        Assert.False(first.Span.ContainsAnyExcept((byte)0));
        first.Span.Fill(1);
        second.Span.Fill(2);
        Assert.False(first.Span.ContainsAnyExcept((byte)1));
        Assert.Equal<byte>([2, 2], second[1..].Span);
        Assert.Equal(104 + 8, arena.Allocated);
    }

    [Fact]
    public void No_bytes_are_the_empty_memory_and_a_negative_count_is_refused()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Assert.True(arena.AllocateMemory(0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.AllocateMemory(-1));
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.AllocateMemory(1));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Memory_of_a_request_that_is_over_shows_bytes_that_are_nobody_elses(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        Memory<byte> stale = arena.AllocateMemory(16);
        Memory<byte> large = arena.AllocateMemory(Block * 2);
        Memory<byte> part = stale[4..];
        arena.Reset();
        Memory<byte> fresh = arena.AllocateMemory(16);
        AssertStale(process, stale, 16);
        AssertStale(process, large, Block * 2);
        AssertStale(process, part, 12);
        Assert.False(fresh.Span.ContainsAnyExcept((byte)0));
        fresh.Span.Fill(1);
        arena.Dispose();
        AssertStale(process, fresh, 16);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void The_debug_option_says_that_a_request_is_over(ArenaReclamation reclamation)
    {
        using ProcessArena process = new(new() { Capacity = 1 << 20, BlockSize = Block, Reclamation = reclamation, Debug = true });
        using Arena arena = process.CreateArena();
        Memory<byte> stale = arena.AllocateMemory(16);
        Memory<byte> rewound;
        using (arena.Mark())
        {
            rewound = arena.AllocateMemory(16);
        }

        Assert.Throws<ObjectDisposedException>(() => rewound.Span.Length);
        arena.Reset();
        Assert.Throws<ObjectDisposedException>(() => stale.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => { stale.Pin(); });
        Assert.Throws<ObjectDisposedException>(() => stale.ToArray());
        Assert.Equal(4, process.Statistics.StaleUses);
    }

    [Fact]
    public void Memory_on_the_GC_heap_of_a_request_that_is_over_shows_bytes_that_are_nobody_elses()
    {
        using ProcessArena process = new(new() { Capacity = Block, BlockSize = Block });
        using Arena arena = process.CreateArena();
        arena.AllocateMemory(Block);
        Memory<byte> stale = arena.AllocateMemory(100);
        stale.Span.Fill(1);
        Assert.Equal(1, process.FallbackBlocks);
        arena.Reset();
        AssertStale(process, stale, 100);
    }

    [Fact]
    public void Memory_of_a_rewound_mark_is_stale_and_memory_from_before_is_not()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Memory<byte> before = arena.AllocateMemory(16);
        Memory<byte> inside;
        Memory<byte> deeper;
        using (arena.Mark())
        {
            inside = arena.AllocateMemory(16);
            using (arena.Mark())
            {
                deeper = arena.AllocateMemory(16);
                deeper.Span.Fill(3);
            }

            AssertStale(process, deeper, 16);
            inside.Span.Fill(2);
        }

        Memory<byte> after = arena.AllocateMemory(16);
        before.Span.Fill(1);
        AssertStale(process, inside, 16);
        AssertStale(process, deeper, 16);
        Assert.False(after.Span.ContainsAnyExcept((byte)0));
        using (arena.Mark())
        {
            AssertStale(process, inside, 16);
        }

        arena.Reset();
        using (arena.Mark())
        {
            AssertStale(process, inside, 16);
            AssertStale(process, before, 16);
        }
    }

    [Fact]
    public void An_outer_mark_that_is_rewound_takes_the_memory_of_inner_ones_with_it()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaMark outer = arena.Mark();
        arena.Mark();
        Memory<byte> inner = arena.AllocateMemory(16);
        outer.Dispose();
        arena.Mark();
        arena.Mark();
        AssertStale(process, inner, 16);
    }

    [Fact]
    public unsafe void Pinning_is_the_address_of_the_bytes_and_a_part_pins_its_own()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(24);
        Memory<byte> memory = arena.AllocateMemory(16);
        memory.Span[5] = 42;
        using MemoryHandle handle = memory[5..].Pin();
        Assert.Equal(42, *(byte*)handle.Pointer);
        Assert.True(MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(memory, out MemoryManager<byte>? manager));
        Assert.Throws<ArgumentOutOfRangeException>(() => { manager.Pin(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { manager.Pin(Block + 1); });
        ((IDisposable)manager).Dispose();
        Assert.Equal(42, memory.Span[5]);
    }

    [Fact]
    public void Memory_never_reaches_into_another_requests_share_of_its_block()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(1000).Fill(1);
        arena.Reset();
        Assert.True(MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(arena.AllocateMemory(8), out MemoryManager<byte>? manager));
        Assert.Equal(Block - 1000, manager.Memory.Length);
        Assert.False(manager.GetSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void One_object_serves_all_memory_of_a_block_and_slicing_makes_none()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Memory<byte> memory = arena.AllocateMemory(8);
        long total = 0;
        Assert.Equal(0, Garbage.Of(() =>
        {
            for (int turn = 0; turn < 20; turn++)
            {
                memory = arena.AllocateMemory(8);
                total += memory[1..].Span.Length + memory.Slice(2, 3).Length;
            }
        }));
        Assert.True(total > 0);
    }

    [Fact]
    public void A_request_that_asks_for_memory_costs_one_object()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        Assert.Equal(64, Garbage.Of(() =>
        {
            arena.AllocateMemory(8);
            arena.AllocateMemory(100);
            arena.Reset();
        }));
    }

    [Fact]
    public async Task Memory_crosses_an_await()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Memory<byte> memory = arena.AllocateMemory(4);
        using var stream = new MemoryStream([1, 2, 3, 4]);
        await Task.Yield();
        await stream.ReadExactlyAsync(memory, TestContext.Current.CancellationToken);
        Assert.Equal<byte>([1, 2, 3, 4], memory.ToArray());
    }

    /// <summary>What is written there is seen by its holder at most, and it does not end a process to look at it.</summary>
    private static void AssertStale(ProcessArena process, Memory<byte> stale, int length)
    {
        long uses = process.Statistics.StaleUses;
        Assert.Equal(length, stale.Span.Length);
        stale.Span.Fill(0xEE);
        using (MemoryHandle handle = stale.Pin())
        {
            unsafe
            {
                new Span<byte>(handle.Pointer, length).Clear();
            }
        }

        Assert.False(stale.ToArray().AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(uses + 4, process.Statistics.StaleUses);
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 1 << 20, BlockSize = Block, Reclamation = reclamation });
}
