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
