using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OneShot.Tests.Buffers;

public unsafe class ScratchArenaTests
{
    [Fact]
    public void The_buffer_is_used_first_and_then_the_other_arena()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        Span<byte> buffer = stackalloc byte[64];
        buffer.Fill(0xEE);
        ScratchArena scratch = new(buffer, arena);
        Span<int> first = scratch.Allocate<int>(5);
        Assert.True(MemoryMarshal.AsBytes(first).Overlaps(buffer));
        Assert.False(first.ContainsAnyExcept(0));
        first.Fill(1);
        ref long second = ref scratch.New(2L);
        Assert.Equal(0, arena.Allocated);
        Span<byte> third = scratch.Copy<byte>([3, 3, 3]);
        Assert.True(third.Overlaps(buffer));
        Span<int> fourth = scratch.Allocate<int>(100);
        Assert.Equal(400, arena.Allocated);
        Assert.False(MemoryMarshal.AsBytes(fourth).Overlaps(buffer));
        Assert.False(fourth.ContainsAnyExcept(0));
        fourth.Fill(4);
        Span<byte> fifth = scratch.Allocate<byte>(scratch.Free);
        Assert.Equal(0, scratch.Free);
        fifth.Fill(5);
        Assert.Equal([1, 1, 1, 1, 1], first);
        Assert.Equal(2, second);
        Assert.Equal<byte>([3, 3, 3], third);
    }

    [Fact]
    public void Every_piece_is_zero_aligned_and_apart_from_the_others_whatever_the_buffer_is()
    {
        using ProcessArena process = new(new() { Capacity = 64 << 20, Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        byte[] array = new byte[600];
        var random = new Random(1);
        for (int turn = 0; turn < 500; turn++)
        {
            Array.Fill(array, (byte)0xEE);
            int start = random.Next(20);
            ScratchArena scratch = new(array.AsSpan(start, random.Next(array.Length - start)), arena);
            var taken = new List<UnsafePiece>();
            for (int piece = 0; piece < 30; piece++)
            {
                switch (random.Next(4))
                {
                    case 0: Take(taken, scratch.Allocate<byte>(random.Next(60)), 8); break;
                    case 1: Take(taken, MemoryMarshal.AsBytes(scratch.Allocate<Odd>(random.Next(9))), 8); break;
                    case 2: Take(taken, MemoryMarshal.AsBytes(scratch.Allocate<long>(random.Next(9))), 8); break;
                    default: Take(taken, MemoryMarshal.AsBytes(scratch.Allocate<Vector256<byte>>(random.Next(3))), 32); break;
                }
            }

            Assert.All(taken, piece => Assert.False(piece.Memory.ContainsAnyExcept(piece.Pattern)));
            Assert.False(array.AsSpan(0, start).ContainsAnyExcept((byte)0xEE));
            arena.Reset();
        }
    }

    [Fact]
    public void What_cannot_be_served_is_refused_as_by_the_other_arena()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        RequestArena request = arena;
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScratchArena(new byte[100], request).Allocate<byte>(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScratchArena(new byte[100], request).Allocate<long>(int.MinValue).Length);
        Assert.Equal(0, new ScratchArena(default, request).Allocate<byte>(0).Length);
        Assert.Throws<InvalidOperationException>(() => default(ScratchArena).Allocate<byte>(1).Length);
        arena.Reset();
        Assert.Equal(8, new ScratchArena(new byte[100], request).Allocate<byte>(8).Length);
        Assert.Throws<ObjectDisposedException>(() => new ScratchArena(new byte[100], request).Allocate<byte>(101).Length);
    }

    private static void Take(List<UnsafePiece> taken, Span<byte> memory, int alignment)
    {
        byte* start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
        Assert.True(memory.IsEmpty || (long)start % alignment == 0);
        Assert.False(memory.ContainsAnyExcept((byte)0));
        memory.Fill((byte)(taken.Count + 1));
        taken.Add(new UnsafePiece(start, memory.Length, (byte)(taken.Count + 1)));
    }

    private readonly struct UnsafePiece(byte* start, int length, byte pattern)
    {
        public byte Pattern => pattern;

        public Span<byte> Memory => new(start, length);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Odd
    {
        public byte First;
        public short Second;
    }
}
