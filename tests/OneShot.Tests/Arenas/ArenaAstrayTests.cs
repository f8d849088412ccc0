using System.Runtime.CompilerServices;

namespace OneShot.Tests.Arenas;

/// <summary>What two threads in one arena can leave behind: a cursor that is not in the arena's block.</summary>
public class ArenaAstrayTests
{
    private enum Where
    {
        BeforeItsShare,
        FarBefore,
        BeyondItsLimit,
        FarBeyond,
    }

    private enum Next
    {
        Reset,
        Dispose,
        Rewind,
        AllocateMore,
        AllocateForRequest,
    }

    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void An_arena_that_went_astray_is_given_up_and_touches_nothing(ArenaReclamation reclamation)
    {
        foreach (Where where in Enum.GetValues<Where>())
        {
            foreach (Next next in Enum.GetValues<Next>())
            {
                Run(reclamation, where, next);
            }
        }
    }

    private static void Run(ArenaReclamation reclamation, Where where, Next next)
    {
        using var process = new ProcessArena(new() { Capacity = 1 << 20, BlockSize = 1024, Reclamation = reclamation });
        using Arena other = process.CreateArena();
        Arena arena = process.CreateArena();
        arena.Allocate<byte>(200);
        arena.Reset();
        Span<byte> below = other.Allocate<byte>(800);
        Span<byte> own = arena.Allocate<byte>(200);
        using ProcessArena elsewhere = new();
        Span<byte> above = elsewhere.CreateArena().Allocate<byte>(1000);
        below.Fill(0xAA);
        above.Fill(0xAA);
        own.Fill(0xBB);
        int ran = 0;
        arena.OnReset(_ => ran++, null);
        ArenaMark mark = arena.Mark();
        ref nint cursor = ref CursorOf(arena);
        cursor = where switch
        {
            Where.BeforeItsShare => cursor - own.Length - 8,
            Where.FarBefore => -1024, // into the other arena
            Where.BeyondItsLimit => cursor + 2048,
            _ => 1 << 30,
        };
        switch (next)
        {
            case Next.Reset:
                arena.Reset();
                break;
            case Next.Dispose:
                arena.Dispose();
                break;
            case Next.Rewind:
                mark.Dispose();
                break;
            case Next.AllocateMore:
                Assert.Throws<ObjectDisposedException>(() => { arena.Allocate<byte>(100_000); });
                break;
            default:
                Assert.Throws<ObjectDisposedException>(() => { arena.AllocateForRequest<byte>(8); });
                break;
        }

        if (next != Next.Dispose)
        {
            Assert.True(arena.IsAbandoned);
            Assert.Equal(0, arena.Allocated);
            foreach (Action use in ArenaRequestTests.Uses(arena).SkipLast(1))
            {
                Assert.Throws<ObjectDisposedException>(use);
            }
        }

        arena.Reset(next == Next.Dispose);
        Assert.Equal(1, ran);
        arena.Dispose();
        arena.Dispose();
        Assert.False(below.ContainsAnyExcept((byte)0xAA));
        Assert.False(above.ContainsAnyExcept((byte)0xAA));
        Assert.False(own.ContainsAnyExcept((byte)0xBB));
        Assert.Equal(1, process.Statistics.Arenas);

        // Nothing of it is handed out again.
        using Arena later = process.CreateArena();
        for (int turn = 0; turn < 50; turn++)
        {
            Assert.False(later.Allocate<byte>(900).Overlaps(own));
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_cursor")]
    private static extern ref nint CursorOf(Arena arena);
}

file static class Ending
{
    public static void Reset(this Arena arena, bool isDisposed)
    {
        if (isDisposed)
        {
            Assert.Throws<ObjectDisposedException>(arena.Reset);
        }
        else
        {
            arena.Reset();
            Assert.True(arena.IsAbandoned);
        }
    }
}
