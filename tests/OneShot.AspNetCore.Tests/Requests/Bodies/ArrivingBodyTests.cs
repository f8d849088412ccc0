using System.Buffers;
using CsCheck;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Wire;

namespace OneShot.AspNetCore.Tests.Requests.Bodies;

/// <summary>What a body takes of its arena while it comes.</summary>
public sealed class ArrivingBodyTests
{
    private const int Limit = 100_000;

    [Theory]
    [InlineData(ArenaReclamation.PerRequest, false)]
    [InlineData(ArenaReclamation.Never, false)]
    [InlineData(ArenaReclamation.Generational, false)]
    [InlineData(ArenaReclamation.PerRequest, true)]
    public void Whatever_pieces_it_comes_in_and_whatever_the_application_allocates_between_them_it_is_what_was_sent(ArenaReclamation reclamation, bool debug)
    {
        using ProcessArena process = new(new() { Capacity = 64 << 20, Reclamation = reclamation, Debug = debug });
        using Arena arena = process.CreateArena();
        Gen<(int Length, int Between)[]> pieces = Gen.Select(Gen.Int[0, 5000], Gen.Int[0, 3]).Array[0, 30];
        FixedSeeds.Sample(pieces, debug ? 30 : 200, sent =>
        {
            arena.Reset();
            byte[] expected = new byte[sent.Sum(piece => piece.Length)];
            Random.Shared.NextBytes(expected);
            if (expected.Length > Limit)
            {
                return;
            }

            ArrivingBody body = new(new OnlyArena(arena), Limit, expected.Length % 2 == 0 ? expected.Length : null);
            Stack<ArenaMark> marks = [];
            int at = 0;
            for (int i = 0; i < sent.Length; i++)
            {
                body.Append(new ReadOnlySequence<byte>(expected, at, sent[i].Length), isLast: i == sent.Length - 1);
                at += sent[i].Length;
                switch (sent[i].Between)
                {
                    case 1:
                        arena.Allocate<byte>(100).Fill(0xEE);
                        break;
                    case 2:
                        marks.Push(arena.Mark());
                        arena.Allocate<byte>(100).Fill(0xDD);
                        break;
                    case 3 when marks.TryPop(out ArenaMark mark):
                        mark.Dispose();
                        break;
                }
            }

            ArenaBody whole = body.Complete();
            arena.Allocate<byte>(100).Fill(0xFF);
            while (marks.TryPop(out ArenaMark mark))
            {
                mark.Dispose();
            }

            arena.Allocate<byte>(1000).Fill(0xCC);
            Assert.True(whole.Span.SequenceEqual(expected));
        });
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100_000L)]
    [InlineData(long.MaxValue)]
    [InlineData(1L)]
    public void It_takes_for_what_has_come_and_at_most_as_much_again_whatever_was_announced(long? announced)
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ArrivingBody body = new(new OnlyArena(arena), Limit, announced);
        Assert.Equal(0, arena.Allocated);

        body.Append(new ReadOnlySequence<byte>(new byte[100]), isLast: false);
        Assert.InRange(arena.Allocated, 100, 208);

        body.Append(new ReadOnlySequence<byte>(new byte[900]), isLast: false);
        Assert.InRange(arena.Allocated, 1000, 1008); // the newest in its block: where it stands
    }

    // Twice what has come, the pieces that were too small for a block of their own, and what the application has taken itself.
    [Theory]
    [InlineData(ArenaReclamation.PerRequest, false, false)]
    [InlineData(ArenaReclamation.PerRequest, true, false)]
    [InlineData(ArenaReclamation.PerRequest, false, true)]
    [InlineData(ArenaReclamation.PerRequest, true, true)]
    [InlineData(ArenaReclamation.Generational, false, false)]
    [InlineData(ArenaReclamation.Generational, true, false)]
    public void What_it_has_outgrown_goes_back_at_once(ArenaReclamation reclamation, bool isMarked, bool debug)
    {
        const int Block = 4096;
        using ProcessArena process = new(new() { Capacity = 64 << 20, BlockSize = Block, Reclamation = reclamation, Debug = debug });
        using Arena arena = process.CreateArena();
        ArrivingBody body = new(new OnlyArena(arena), limit: int.MaxValue, announced: null);
        byte[] piece = new byte[1000];
        for (int count = piece.Length; count <= 2_000_000; count += piece.Length)
        {
            using (isMarked ? arena.Mark() : default)
            {
                piece.AsSpan().Fill((byte)(count / piece.Length));
                body.Append(new ReadOnlySequence<byte>(piece), isLast: false);
                long others = isMarked ? 0 : 8L * count / piece.Length;
                Assert.InRange(arena.Allocated, count, (2L * count) + Block + others);
                if (!debug)
                {
                    Assert.InRange(process.Used, count, (2L * count * 5 / 4) + (3 * Block) + (2 * others)); // blocks come in sizes, four to a doubling
                }

                arena.Allocate<byte>(8).Fill(0xEE);
            }
        }

        arena.AssertValid();
        ArenaBody whole = body.Complete();
        for (int at = 0; at < whole.Length; at += piece.Length)
        {
            Assert.False(whole.Span.Slice(at, piece.Length).ContainsAnyExcept((byte)((at / piece.Length) + 1)));
        }
    }

    [Fact]
    public void A_body_that_comes_in_one_piece_takes_its_own_size()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ArrivingBody body = new(new OnlyArena(arena), Limit, announced: null);

        body.Append(new ReadOnlySequence<byte>(new byte[1000]), isLast: true);

        Assert.Equal(1000, arena.Allocated);
        Assert.Equal(1000, body.Complete().Length);
    }

    [Fact]
    public void What_was_taken_ahead_goes_back_at_the_end()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ArrivingBody body = new(new OnlyArena(arena), Limit, announced: null);
        body.Append(new ReadOnlySequence<byte>(new byte[1000]), isLast: false);

        Assert.Equal(1000, body.Complete().Length);
        Assert.Equal(1000, arena.Allocated);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10, 11)]
    [InlineData(10, Limit)]
    public void One_byte_more_than_the_limit_is_refused_and_nothing_is_taken_for_it(int limit, int length)
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ArrivingBody body = new(new OnlyArena(arena), limit, announced: null);

        Assert.Equal(413, Assert.Throws<BadHttpRequestException>(() => body.Append(new ReadOnlySequence<byte>(new byte[length]), isLast: true)).StatusCode);
        Assert.Equal(0, arena.Allocated);
    }

    [Fact]
    public void No_piece_is_so_long_that_the_sum_wraps()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ArrivingBody body = new(new OnlyArena(arena), int.MaxValue, announced: null);
        body.Append(new ReadOnlySequence<byte>(new byte[10]), isLast: false);
        byte[] piece = new byte[1 << 20];
        Piece first = new(piece, 0);
        Piece last = first;
        while (last.RunningIndex + piece.Length < int.MaxValue)
        {
            last = last.Followed(piece);
        }

        ReadOnlySequence<byte> huge = new(first, 0, last, piece.Length);
        Assert.True(huge.Length > int.MaxValue - 10);
        Assert.Equal(413, Assert.Throws<BadHttpRequestException>(() => body.Append(huge, isLast: true)).StatusCode);
    }

    [Fact]
    public void It_refuses_when_its_request_is_over()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ArrivingBody body = new(new OnlyArena(arena), Limit, announced: null);
        body.Append(new ReadOnlySequence<byte>(new byte[10]), isLast: false);
        arena.Reset();

        Assert.Throws<ObjectDisposedException>(() => body.Append(new ReadOnlySequence<byte>(new byte[10]), isLast: true));
        Assert.Throws<ObjectDisposedException>(() => body.Complete());
        Assert.Equal(0, arena.Allocated);
    }

    /// <summary>A feature that has nothing but an arena.</summary>
    private sealed class OnlyArena(Arena arena) : IRequestArenaFeature
    {
        public RequestArena Arena => new(arena);

        public HeaderSpans HeaderSpans => default;

        public bool ReleaseArena() => false;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public Piece Followed(byte[] bytes)
        {
            Piece next = new(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
