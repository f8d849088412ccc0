using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.Tests.Buffers;

/// <summary><see cref="Memory{T}"/> of any unmanaged type.</summary>
public unsafe class ElementMemoryTests
{
    private const int Block = 4096;

    [Fact]
    public void Memory_is_zero_has_the_length_asked_for_and_keeps_what_is_written()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Memory<int> first = arena.AllocateMemory<int>(25);
        Memory<Guid> second = arena.AllocateMemory<Guid>(3);
        Memory<byte> bytes = arena.AllocateMemory<byte>(3);
        Assert.Equal((25, 3, 3), (first.Length, second.Length, bytes.Length));
        Assert.False(first.Span.ContainsAnyExcept(0));
        Assert.False(second.Span.ContainsAnyExcept(Guid.Empty));
        first.Span.Fill(-1);
        var id = Guid.NewGuid();
        second.Span.Fill(id);
        bytes.Span.Fill(7);
        Assert.False(first.Span.ContainsAnyExcept(-1));
        Assert.Equal([id, id], second[1..].Span);
        Assert.Equal(104 + 48 + 8, arena.Allocated);
    }

    [Fact]
    public void No_elements_are_the_empty_memory_and_a_count_out_of_range_is_refused()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        Assert.True(arena.AllocateMemory<int>(0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.AllocateMemory<int>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.AllocateMemory<int>(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.AllocateMemory<int>((Array.MaxLength / 4) + 1));
        Assert.Equal(0, arena.Allocated);
        arena.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.AllocateMemory<int>(1));
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Memory_of_a_request_that_is_over_shows_elements_that_are_nobody_elses(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        Memory<long> stale = arena.AllocateMemory<long>(16);
        Memory<long> rewound;
        using (arena.Mark())
        {
            rewound = arena.AllocateMemory<long>(Block);
        }

        Assert.Equal(Block, rewound.Span.Length);
        Memory<long> part = stale[4..];
        arena.Reset();
        Memory<long> fresh = arena.AllocateMemory<long>(16);
        stale.Span.Fill(-1);
        Assert.Equal(12, part.Span.Length);
        Assert.False(fresh.Span.ContainsAnyExcept(0));
        Assert.Equal(3, process.Statistics.StaleUses);
    }

    [Fact]
    public void The_debug_option_says_that_a_request_is_over()
    {
        using ProcessArena process = new(new() { Capacity = 1 << 20, BlockSize = Block, Debug = true });
        using Arena arena = process.CreateArena();
        Memory<long> stale = arena.AllocateMemory<long>(16);
        arena.Reset();
        Assert.Throws<ObjectDisposedException>(() => stale.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => { stale.Pin(); });
    }

    [Fact]
    public void Pinning_is_the_address_of_the_elements_and_keeps_them_beyond_the_request()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(24);
        Memory<int> memory = arena.AllocateMemory<int>(16);
        memory.Span[5] = 42;
        MemoryHandle handle = memory[5..].Pin();
        Assert.Equal(42, *(int*)handle.Pointer);
        Assert.True(MemoryMarshal.TryGetMemoryManager<int, MemoryManager<int>>(memory, out MemoryManager<int>? manager));
        Assert.Throws<ArgumentOutOfRangeException>(() => { manager.Pin(-1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { manager.Pin(17); });
        manager.Unpin();
        arena.Reset();
        Assert.Equal(Block, process.Statistics.DetainedBytes);
        arena.Allocate<byte>(Block).Fill(0xEE);
        Assert.Equal(42, *(int*)handle.Pointer);
        handle.Dispose();
        Assert.Equal(0, process.Statistics.DetainedBytes);
    }

    [Fact]
    public void Each_call_costs_one_object()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest);
        using Arena arena = process.CreateArena();
        Assert.Equal(64 + (2 * 32), Garbage.Of(() =>
        {
            arena.AllocateMemory<int>(8);
            arena.AllocateMemory<long>(8);
            arena.Reset();
        }));
    }

    [Fact]
    public void Elements_are_aligned_as_their_type_wants()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.New(0L);
        using MemoryHandle handle = arena.AllocateMemory<Vector256<int>>(2).Pin();
        Assert.Equal(0, (long)handle.Pointer % 32);
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation });
}
