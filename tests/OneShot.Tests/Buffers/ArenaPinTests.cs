using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Buffers;

/// <summary>Memory that pending I/O has pinned when its request ends.</summary>
public unsafe class ArenaPinTests
{
    private const int Block = 1024;

    public static TheoryData<ArenaReclamation, bool, int> Cases
    {
        get
        {
            TheoryData<ArenaReclamation, bool, int> cases = [];
            foreach (ArenaReclamation reclamation in Enum.GetValues<ArenaReclamation>())
            {
                // In the shared block, in a block of its own.
                cases.Add(reclamation, false, 64);
                cases.Add(reclamation, false, 5000);
                cases.Add(reclamation, true, 64);
                cases.Add(reclamation, true, 5000);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Pinned_memory_is_used_for_nothing_else_until_it_is_let_go(ArenaReclamation reclamation, bool debug, int size)
    {
        using ProcessArena process = Process(reclamation, debug);
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(40);
        Memory<byte> memory = arena.AllocateMemory(size);
        MemoryHandle first = memory.Pin();
        MemoryHandle second = memory[8..].Pin();
        byte* pinned = (byte*)first.Pointer;
        new Span<byte>(pinned, size).Fill(0xAA);
        arena.Reset();
        new Span<byte>(pinned, size).Fill(0xAB);
        Assert.Equal(reclamation != ArenaReclamation.Never || debug, process.Statistics.DetainedBytes > 0);
        Churn(process, arena, pinned, size);
        first.Dispose();
        Churn(process, arena, pinned, size);
        Assert.False(new Span<byte>(pinned, size).ContainsAnyExcept((byte)0xAB));
        second.Dispose();
        second.Dispose();
        Assert.Equal(0, process.Statistics.DetainedBytes);
        Churn(process, arena, null, 0);
        Assert.Equal(1, process.Statistics.Arenas);
        arena.Dispose();
        Assert.True(reclamation != ArenaReclamation.PerRequest || process.Used == 0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Memory_pinned_when_its_mark_is_rewound_stays_as_it_is(ArenaReclamation reclamation, bool debug, int size)
    {
        using ProcessArena process = Process(reclamation, debug);
        using Arena arena = process.CreateArena();
        for (int round = 0; round < 2; round++)
        {
            Span<byte> before = arena.Allocate<byte>(40);
            Assert.False(before.ContainsAnyExcept((byte)0));
            before.Fill(1);
            MemoryHandle handle;
            using (arena.Mark())
            {
                handle = arena.AllocateMemory(size).Pin();
                new Span<byte>(handle.Pointer, size).Fill(0xAB);
            }

            for (int turn = 0; turn < 20; turn++)
            {
                Span<byte> other = arena.Allocate<byte>(100);
                AssertApart(other, (byte*)handle.Pointer, size);
                Assert.False(other.ContainsAnyExcept((byte)0));
                other.Fill(0xEE);
            }

            Assert.False(new Span<byte>(handle.Pointer, size).ContainsAnyExcept((byte)0xAB));
            Assert.False(before.ContainsAnyExcept((byte)1));
            if (round == 0)
            {
                handle.Dispose();
            }

            arena.Reset();
            Churn(process, arena, round == 0 ? null : (byte*)handle.Pointer, size);
            handle.Dispose();
        }

        Assert.Equal(0, process.Statistics.DetainedBytes);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Pinned_memory_stays_mapped_after_everything_was_disposed(ArenaReclamation reclamation)
    {
        ProcessArena process = Process(reclamation, debug: false);
        Arena arena = process.CreateArena();
        MemoryHandle handle = arena.AllocateMemory(100).Pin();
        arena.Dispose();
        process.Dispose();
        Assert.Equal(0, process.Statistics.Arenas);
        new Span<byte>(handle.Pointer, 100).Fill(0xAB);
        handle.Dispose();
    }

    [Fact]
    public void Memory_on_the_GC_heap_that_is_pinned_stays_where_it_is()
    {
        using ProcessArena process = new(new() { Capacity = Block, BlockSize = Block });
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(Block);
        MemoryHandle handle = arena.AllocateMemory(500).Pin();
        arena.Reset();
        GC.Collect();
        byte[][] others = [.. Enumerable.Range(0, 100).Select(_ => new byte[Block])];
        new Span<byte>(handle.Pointer, 500).Fill(0xAB);
        Assert.DoesNotContain(others, other => other.AsSpan().ContainsAnyExcept((byte)0));
        handle.Dispose();
    }

    [Fact]
    public void Two_handles_in_one_block_give_it_back_once()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest, debug: false);
        using Arena arena = process.CreateArena();
        MemoryHandle outer = arena.AllocateMemory(8).Pin();
        arena.Mark();
        MemoryHandle inner = arena.AllocateMemory(8).Pin();
        arena.Reset();
        Assert.Equal(Block, process.Statistics.DetainedBytes);
        outer.Dispose();
        Assert.Equal(Block, process.Statistics.DetainedBytes);
        inner.Dispose();
        Assert.Equal(0, process.Statistics.DetainedBytes);
        Assert.Equal(0, process.Used);
    }

    [Fact]
    public void A_pinned_writer_keeps_its_block_too()
    {
        using ProcessArena process = Process(ArenaReclamation.PerRequest, debug: false);
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        MemoryHandle handle = writer.GetMemory(100).Pin();
        arena.Reset();
        writer.Reset();
        writer.GetSpan(100).Fill(0xEE);
        Assert.False(new Span<byte>(handle.Pointer, 100).ContainsAnyExcept((byte)0));
        handle.Dispose();
    }

    // The last pin is let go on a thread that knows nothing of the arena, while that serves other requests, or is being ended.
    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void Pins_are_let_go_by_any_thread_at_any_time(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation, debug: false);
        using BlockingCollection<Pinned> pending = new(16);
        var completer = new Thread(() =>
        {
            foreach (Pinned pinned in pending.GetConsumingEnumerable())
            {
                Span<byte> memory = new(pinned.Handle.Pointer, pinned.Length);
                Assert.False(memory.ContainsAnyExcept(pinned.Pattern));
                memory.Fill(0xCD);
                pinned.Handle.Dispose();
            }
        });
        completer.Start();
        using (Arena arena = process.CreateArena())
        {
            for (int request = 0; request < 3000; request++)
            {
                byte pattern = (byte)(1 + (request % 100));
                for (int piece = 0; piece < 3; piece++)
                {
                    Memory<byte> memory = arena.AllocateMemory(50 + (piece * 300));
                    Assert.False(memory.Span.ContainsAnyExcept((byte)0));
                    memory.Span.Fill(pattern);
                    pending.Add(new Pinned(memory.Pin(), memory.Length, pattern));
                }

                arena.Reset();
            }
        }

        pending.CompleteAdding();
        completer.Join();
        Assert.Equal(0, process.Statistics.DetainedBytes);
        Assert.Equal(0, process.Statistics.Arenas);
        Assert.True(reclamation != ArenaReclamation.PerRequest || process.Used == 0);
    }

    /// <summary>Requests that fill all they get, of this and of other arenas.</summary>
    private static void Churn(ProcessArena process, Arena arena, byte* pinned, int size)
    {
        using Arena other = process.CreateArena();
        for (int request = 0; request < 10; request++)
        {
            foreach (Arena any in new[] { arena, other })
            {
                for (int turn = 0; turn < 12; turn++)
                {
                    Span<byte> memory = any.Allocate<byte>(turn == 5 ? 4000 : 128);
                    Assert.False(memory.ContainsAnyExcept((byte)0));
                    AssertApart(memory, pinned, size);
                    memory.Fill(0xEE);
                }

                any.Reset();
            }
        }
    }

    private static void AssertApart(Span<byte> memory, byte* pinned, int size)
    {
        byte* start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
        Assert.True(pinned is null || start >= pinned + size || start + memory.Length <= pinned, "Pinned memory was handed out.");
    }

    private static ProcessArena Process(ArenaReclamation reclamation, bool debug) =>
        new(new() { Capacity = 64 << 20, BlockSize = Block, Reclamation = reclamation, Debug = debug });

    private readonly record struct Pinned(MemoryHandle Handle, int Length, byte Pattern);
}
