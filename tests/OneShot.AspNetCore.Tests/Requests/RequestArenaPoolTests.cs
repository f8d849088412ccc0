using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Tests.Hosting;

namespace OneShot.AspNetCore.Tests.Requests;

public class RequestArenaPoolTests
{
    [Fact]
    public void As_many_arenas_are_kept_as_there_are_blocks_for_them_to_hold()
    {
        const int Count = 500;
        using ProcessArena process = new(new() { Capacity = Count << 10, BlockSize = 1 << 10 });
        using RequestArenaPool pool = new(process);
        Arena[] arenas = [.. Enumerable.Range(0, Count).Select(_ => pool.Rent())];
        Array.ForEach(arenas, arena => arena.Allocate<byte>(8));
        long used = process.Used;
        Array.ForEach(arenas, pool.Return);

        Arena[] again = [.. Enumerable.Range(0, Count).Select(_ => pool.Rent())];
        Array.ForEach(again, arena => arena.Allocate<byte>(8));

        Assert.Equal(arenas.ToHashSet(), again.ToHashSet());
        Assert.Equal(used, process.Used);
    }

    /// <summary>Else one crowd, or one attack with heads that do not end, would leave a full process behind.</summary>
    [Fact]
    public void Where_memory_comes_back_idle_arenas_hold_little_of_it()
    {
        const int Count = 500;
        using ProcessArena process = new(new() { Capacity = Count << 10, BlockSize = 1 << 10, Reclamation = ArenaReclamation.PerRequest });
        using RequestArenaPool pool = new(process);
        Arena[] arenas = [.. Enumerable.Range(0, Count).Select(_ => pool.Rent())];
        Array.ForEach(arenas, arena => arena.Allocate<byte>(8));
        Assert.Equal(process.Capacity, process.Used);

        Array.ForEach(arenas, pool.Return);

        Assert.InRange(process.Used, process.BlockSize, process.Capacity / 8);
    }

    [Fact]
    public void Returning_an_arena_ends_its_request()
    {
        using ProcessArena process = new();
        using RequestArenaPool pool = new(process);
        Arena arena = pool.Rent();
        arena.Allocate<byte>(100);

        pool.Return(arena);

        Assert.Equal(0, arena.Allocated);
    }

    [Fact]
    public void A_callback_that_fails_at_the_end_is_logged_and_costs_no_arena()
    {
        using ProcessArena process = new();
        LogRecorder log = new();
        using LoggerFactory loggers = new([log]);
        using RequestArenaPool pool = new(process, loggers.CreateLogger<RequestArenaPool>());
        Arena arena = pool.Rent();
        arena.OnReset(static _ => throw new InvalidTimeZoneException(), null);

        pool.Return(arena);

        Assert.Same(arena, pool.Rent());
        Assert.Contains("failure of the application", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_that_ended_ends_the_arenas_it_holds_and_those_that_come_back()
    {
        using ProcessArena process = new();
        RequestArenaPool pool = new(process);
        Arena held = pool.Rent();
        Arena late = pool.Rent();
        pool.Return(held);

        pool.Dispose();
        pool.Return(late);

        Assert.Throws<ObjectDisposedException>(() => held.Allocate<byte>(8));
        Assert.Throws<ObjectDisposedException>(() => late.Allocate<byte>(8));
    }
}
