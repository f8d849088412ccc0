using System.Buffers;

namespace OneShot.Tests.Buffers;

public class ArenaBufferWriterTests
{
    private const int Block = 4096;

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(16);
        Assert.Equal(0, arena.Allocated);
        Assert.Equal((0, 0, 0), (writer.WrittenCount, writer.Capacity, writer.FreeCapacity));
        Assert.True(writer.WrittenSpan.IsEmpty);
        Assert.True(writer.WrittenMemory.IsEmpty);
        writer.Write([1, 2, 3]);
        Span<byte> room = writer.GetSpan(2);
        room[0] = 4;
        writer.Advance(1);
        writer.GetMemory(1).Span[0] = 5;
        writer.Advance(1);
        writer.Advance(0);
        Assert.Equal<byte>([1, 2, 3, 4, 5], writer.WrittenSpan);
        Assert.Equal<byte>([1, 2, 3, 4, 5], writer.WrittenMemory.ToArray());
        Assert.Equal((5, 16, 11), (writer.WrittenCount, writer.Capacity, writer.FreeCapacity));
    }

    [Fact]
    public void Growth_at_the_tip_moves_nothing()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(8);
        writer.Write([1]);
        ReadOnlySpan<byte> before = writer.WrittenSpan;
        writer.Write(new byte[500]);
        Assert.True(before.Overlaps(writer.WrittenSpan));
        Assert.Equal(writer.Capacity, arena.Allocated, 8.0);
    }

    [Fact]
    public void Growth_behind_another_allocation_moves_and_leaves_the_old_bytes_as_they_were()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(8);
        writer.Write([1, 2, 3]);
        ReadOnlySpan<byte> before = writer.WrittenSpan;
        ReadOnlyMemory<byte> handle = writer.WrittenMemory;
        arena.Allocate<byte>(8).Fill(9);
        writer.Write(new byte[20]);
        Assert.False(before.Overlaps(writer.WrittenSpan));
        Assert.Equal<byte>([1, 2, 3], before);
        Assert.Equal<byte>([1, 2, 3], handle.Span);
        Assert.Equal<byte>([1, 2, 3], writer.WrittenSpan[..3]);
        Assert.Equal(23, writer.WrittenMemory.Length);
    }

    [Fact]
    public void A_block_is_filled_to_its_end_before_the_writer_moves()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        arena.Allocate<byte>(Block - 1000);
        ArenaBufferWriter writer = arena.CreateWriter(600);
        writer.Write(new byte[600]);
        writer.Write([1]);
        Assert.Equal(1000, writer.Capacity);
        Assert.Equal(Block, process.Held);
        writer.Write(new byte[400]);
        Assert.True(process.Held > Block);
        Assert.Equal(1001, writer.WrittenCount);
        Assert.Equal(1, writer.WrittenSpan[600]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    [InlineData(100_000)]
    public void There_is_always_the_room_asked_for_and_never_none(int hint)
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(0);
        for (int turn = 0; turn < 3; turn++)
        {
            Assert.InRange(writer.GetSpan(hint).Length, Math.Max(1, hint), int.MaxValue);
            Assert.Equal(writer.GetSpan(hint).Length, writer.GetMemory(hint).Length);
            writer.Advance(writer.FreeCapacity);
        }
    }

    [Fact]
    public void Wrong_arguments_are_told_and_change_nothing()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(8);
        writer.Write([1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetSpan(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetMemory(int.MinValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetSpan(int.MaxValue).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Assert.Throws<InvalidOperationException>(() => writer.Advance(8));
        Assert.Throws<InvalidOperationException>(() => writer.Advance(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.CreateWriter(-1));
        Assert.Throws<ArgumentNullException>(() => new ArenaBufferWriter(null!));
        Assert.Throws<ArgumentNullException>(() => writer.Reset(null!));
        Assert.Equal<byte>([1], writer.WrittenSpan);
        writer.Advance(7);
        Assert.Equal(8, writer.WrittenCount);
    }

    [Fact]
    public void A_full_arena_refuses_and_the_writer_keeps_what_it_has()
    {
        using ProcessArena process = new(new() { Capacity = 2 * Block, BlockSize = Block, Exhaustion = ArenaExhaustion.Throw });
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        writer.Write([1, 2, 3]);
        Assert.Throws<ArenaExhaustedException>(() => writer.GetSpan(100_000).Length);
        Assert.Equal<byte>([1, 2, 3], writer.WrittenSpan);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void A_writer_of_a_request_that_is_over_says_so_until_it_is_reset(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        writer.Write([1, 2, 3]);
        Memory<byte> room = writer.GetMemory();
        ReadOnlyMemory<byte> written = writer.WrittenMemory;
        arena.Reset();
        AssertStale(writer);
        writer.Reset();
        Assert.Equal(0, writer.WrittenCount);
        writer.Write([7]);
        Assert.Equal<byte>([7], writer.WrittenSpan);
        Memory<byte> fresh = writer.GetMemory();
        room.Span.Fill(0xEE);
        Assert.False(written.Span.Contains((byte)0xEE));
        Assert.False(fresh.Span.ContainsAnyExcept((byte)0));
        Assert.Equal<byte>([7], writer.WrittenSpan);
        arena.Dispose();
        AssertStale(writer);
        writer.Reset();
        Assert.Throws<ObjectDisposedException>(() => writer.GetSpan().Length);
        Assert.Throws<ObjectDisposedException>(() => arena.CreateWriter());
    }

    [Fact]
    public void A_writer_that_has_not_written_yet_belongs_to_its_request_too()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        arena.Reset();
        AssertStale(writer);
    }

    [Fact]
    public void A_writer_whose_memory_a_rewind_took_says_so()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter kept = arena.CreateWriter(64);
        kept.Write([1]);
        ArenaBufferWriter grown = arena.CreateWriter(8);
        grown.Write([1]);
        using (arena.Mark())
        {
            kept.Write([2, 3]);
            grown.Write(new byte[100]);
        }

        Assert.Equal<byte>([1, 2, 3], kept.WrittenSpan);
        AssertStale(grown);
        arena.Allocate<byte>(8);
        kept.Write(new byte[100]);
        Assert.Equal<byte>([1, 2, 3], kept.WrittenSpan[..3]);
    }

    [Fact]
    public void Reset_leaves_the_bytes_to_whoever_has_them_and_ResetWrittenCount_does_not()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        using Arena other = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        writer.Write([1, 2]);
        ReadOnlySpan<byte> first = writer.WrittenSpan;
        writer.Reset();
        writer.Write([3, 4]);
        ReadOnlySpan<byte> second = writer.WrittenSpan;
        Assert.Equal<byte>([1, 2], first);
        writer.ResetWrittenCount();
        writer.Write([5, 6]);
        Assert.Equal<byte>([5, 6], second);
        writer.Reset(other);
        writer.Write([7]);
        Assert.Equal(256, other.Allocated);
        Assert.Equal<byte>([5, 6], second);
    }

    [Fact]
    public void TrimExcess_gives_room_back_to_the_arena()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(1000);
        writer.Write([1, 2, 3]);
        Assert.Equal(3, writer.WrittenMemory.Length);
        writer.TrimExcess();
        Assert.Equal((3, 3, 8L), (writer.WrittenCount, writer.Capacity, arena.Allocated));
        writer.Write([4]);
        Assert.Equal<byte>([1, 2, 3, 4], writer.WrittenMemory.ToArray());
        arena.Allocate<byte>(8);
        int capacity = writer.Capacity;
        writer.TrimExcess();
        Assert.Equal(capacity, writer.Capacity);
    }

    [Fact]
    public void The_memory_a_writer_gives_is_pinned_where_it_lies()
    {
        using ProcessArena process = Process();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        writer.Write([1, 2, 3]);
        using MemoryHandle handle = writer.GetMemory().Pin();
        unsafe
        {
            *(byte*)handle.Pointer = 4;
        }

        writer.Advance(1);
        Assert.Equal<byte>([1, 2, 3, 4], writer.WrittenSpan);
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    public void A_writer_kept_from_request_to_request_makes_one_object_for_each_block_it_shows_as_memory(ArenaReclamation reclamation)
    {
        using ProcessArena process = Process(reclamation);
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(64);
        byte[] bytes = new byte[100];
        Assert.Equal(64, Garbage.Of(() =>
        {
            for (int turn = 0; turn < 10; turn++)
            {
                writer.Write(bytes);
                writer.GetMemory(200).Span.Fill(1);
                writer.Advance(200);
                bytes[0] = writer.WrittenSpan[^1];
            }

            arena.Reset();
            writer.Reset();
        }));
    }

    private static void AssertStale(ArenaBufferWriter writer)
    {
        Assert.Throws<ObjectDisposedException>(() => writer.WrittenSpan.Length);
        Assert.Throws<ObjectDisposedException>(() => writer.WrittenMemory);
        Assert.Throws<ObjectDisposedException>(() => writer.WrittenCount);
        Assert.Throws<ObjectDisposedException>(() => writer.Capacity);
        Assert.Throws<ObjectDisposedException>(() => writer.FreeCapacity);
        Assert.Throws<ObjectDisposedException>(() => writer.GetSpan().Length);
        Assert.Throws<ObjectDisposedException>(() => writer.GetMemory());
        Assert.Throws<ObjectDisposedException>(() => writer.Advance(0));
        Assert.Throws<ObjectDisposedException>(() => writer.Write([1]));
        Assert.Throws<ObjectDisposedException>(writer.ResetWrittenCount);
        Assert.Throws<ObjectDisposedException>(writer.TrimExcess);
    }

    private static ProcessArena Process(ArenaReclamation reclamation = ArenaReclamation.Never) =>
        new(new() { Capacity = 4 << 20, BlockSize = Block, Reclamation = reclamation });
}
