namespace OneShot.Tests.Arenas;

public class ArenaCleanupTests
{
    [Fact]
    public void Callbacks_run_once_newest_first_before_memory_is_cleared()
    {
        using var process = new ProcessArena(new() { Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        UnsafeSlice<byte> slice = arena.AllocateUnsafe<byte>(1);
        slice.Span[0] = 42;
        var ran = new List<int>();
        arena.OnReset(_ => ran.Add(slice.Span[0]), null);
        arena.OnReset(state => ran.Add((int)state!), 2);
        arena.Reset();
        arena.Reset();
        Assert.Equal([2, 42], ran);
    }

    [Fact]
    public void A_rewind_runs_only_what_was_registered_since()
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        var ran = new List<int>();
        arena.OnReset(_ => ran.Add(1), null);
        using (arena.Mark())
        {
            arena.OnReset(_ => ran.Add(2), null);
        }

        Assert.Equal([2], ran);
        arena.Dispose();
        Assert.Equal([2, 1], ran);
        Assert.Throws<ObjectDisposedException>(() => arena.OnReset(_ => { }, null));
    }

    [Fact]
    public void An_exception_in_one_does_not_lose_the_others_and_the_request_ends()
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        var ran = new List<int>();
        arena.Allocate<byte>(8);
        arena.OnReset(_ => ran.Add(1), null);
        arena.OnReset(_ => throw new InvalidOperationException("first"), null);
        arena.OnReset(_ => throw new FormatException("second"), null);
        AggregateException failed = Assert.Throws<AggregateException>(arena.Reset);
        Assert.Equal(["second", "first"], failed.InnerExceptions.Select(inner => inner.Message));
        Assert.Equal([1], ran);
        Assert.Equal(0, arena.Allocated);
        Assert.Equal(1, arena.Epoch);
        arena.OnReset(_ => throw new FormatException("third"), null);
        Assert.Throws<AggregateException>(arena.Dispose);
        Assert.Throws<ObjectDisposedException>(() => { arena.Allocate<byte>(8); });
        arena.Dispose();
    }

    // What a callback does, while a request ends by Reset or Dispose, or a mark is rewound; with and without others around it.
    [Theory]
    [InlineData(ArenaReclamation.Never, false)]
    [InlineData(ArenaReclamation.PerRequest, false)]
    [InlineData(ArenaReclamation.Generational, false)]
    [InlineData(ArenaReclamation.Never, true)]
    [InlineData(ArenaReclamation.PerRequest, true)]
    [InlineData(ArenaReclamation.Generational, true)]
    public void A_callback_that_ends_or_rewinds_is_refused_or_harmless(ArenaReclamation reclamation, bool debug)
    {
        foreach (End end in Enum.GetValues<End>())
        {
            foreach (Act act in Enum.GetValues<Act>())
            {
                for (int others = 0; others < 4; others++)
                {
                    Run(reclamation, debug, end, act, (others & 1) != 0, (others & 2) != 0);
                }
            }
        }
    }

    private static void Run(ArenaReclamation reclamation, bool debug, End end, Act act, bool after, bool before)
    {
        using var process = new ProcessArena(new() { Capacity = 1 << 20, BlockSize = 1024, Reclamation = reclamation, Debug = debug });
        using Arena other = process.CreateArena();
        Span<byte> others = other.Allocate<byte>(64);
        others.Fill(0xAA);
        Arena arena = process.CreateArena();
        int arenas = process.Statistics.Arenas;
        ArenaMark outer = arena.Mark();
        arena.Allocate<byte>(100).Fill(0xEE);
        ArenaMark middle = arena.Mark();
        arena.Allocate<byte>(2000).Fill(0xEE);
        ArenaMark inner = arena.Mark();
        int ran = 0;
        if (before)
        {
            arena.OnReset(_ => ran++, null);
        }

        Exception? seen = null;
        arena.OnReset(_ => seen = Record.Exception(() => Do(arena, act, outer, middle, inner)), null);
        if (after)
        {
            arena.OnReset(_ => ran++, null);
        }

        arena.Allocate<byte>(700).Fill(0xEE);
        switch (end)
        {
            case End.Reset:
                arena.Reset();
                break;
            case End.Dispose:
                arena.Dispose();
                break;
            default:
                middle.Dispose();
                break;
        }

        bool isRefused = act is Act.Reset or Act.Dispose || (act == Act.RewindOuter && end == End.Rewind);
        Assert.Equal(isRefused, seen is InvalidOperationException and not ObjectDisposedException);
        Assert.True(isRefused || seen is null, seen?.ToString());
        Assert.Equal((before ? 1 : 0) + (after ? 1 : 0), ran);
        Assert.Equal(end == End.Dispose ? arenas - 1 : arenas, process.Statistics.Arenas);
        if (end != End.Dispose)
        {
            Assert.Equal(end == End.Rewind ? 104 : 0, arena.Allocated);
            Assert.False(arena.Allocate<byte>(500).ContainsAnyExcept((byte)0));
            arena.Reset();
            arena.Dispose();
        }

        Assert.Equal(arenas - 1, process.Statistics.Arenas);
        Assert.False(others.ContainsAnyExcept((byte)0xAA));
        Assert.False(process.CreateArena().Allocate<byte>(900).ContainsAnyExcept((byte)0));
    }

    private static void Do(Arena arena, Act act, ArenaMark outer, ArenaMark middle, ArenaMark inner)
    {
        switch (act)
        {
            case Act.Reset:
                arena.Reset();
                break;
            case Act.Dispose:
                arena.Dispose();
                break;
            case Act.RewindOuter:
                outer.Dispose();
                break;
            case Act.RewindMiddle:
                middle.Dispose();
                break;
            case Act.RewindInner:
                inner.Dispose();
                break;
            case Act.MarkAndRewind:
                using (arena.Mark())
                {
                    arena.Allocate<byte>(3000).Fill(0xEE);
                    arena.OnReset(_ => arena.Allocate<byte>(8).Fill(0xEE), null);
                }

                break;
            case Act.MarkOnly:
                arena.Mark();
                arena.Allocate<byte>(600).Fill(0xEE);
                arena.OnReset(_ => { }, null);
                break;
            default:
                arena.AllocateMemory(100).Span.Fill(0xEE);
                break;
        }
    }

    private enum End
    {
        Reset,
        Dispose,
        Rewind,
    }

    private enum Act
    {
        Reset,
        Dispose,
        RewindOuter,
        RewindMiddle,
        RewindInner,
        MarkAndRewind,
        MarkOnly,
        Allocate,
    }

    [Fact]
    public void A_callback_may_register_another()
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        int ran = 0;
        arena.OnReset(_ => arena.OnReset(_ => ran++, null), null);
        arena.Reset();
        Assert.Equal(1, ran);
        Assert.Throws<ArgumentNullException>(() => arena.OnReset(null!, null));
    }
}
