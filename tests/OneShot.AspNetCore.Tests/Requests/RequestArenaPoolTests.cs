using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Telemetry;

namespace OneShot.AspNetCore.Tests.Requests;

public class RequestArenaPoolTests
{
    [Fact]
    public void As_many_arenas_are_kept_as_there_are_blocks_for_them_to_hold()
    {
        const int Count = 500;
        using ProcessArena process = new(new() { Capacity = Count << 10, BlockSize = 1 << 10 });
        using RequestArenaPool pool = new(process);
        ArenaLease[] leases = [.. Enumerable.Range(0, Count).Select(_ => pool.Rent())];
        Array.ForEach(leases, lease => lease.Handle.Allocate<byte>(8));
        long used = process.Held;
        Array.ForEach(leases, lease => pool.Return(lease));

        ArenaLease[] again = [.. Enumerable.Range(0, Count).Select(_ => pool.Rent())];
        Array.ForEach(again, lease => lease.Handle.Allocate<byte>(8));

        Assert.Equal(leases.Select(lease => lease.Arena).ToHashSet(), again.Select(lease => lease.Arena).ToHashSet());
        Assert.Equal(used, process.Held);
    }

    /// <summary>Else one crowd, or one attack with heads that do not end, would leave a full process behind.</summary>
    [Fact]
    public void Where_memory_comes_back_idle_arenas_hold_little_of_it()
    {
        const int Count = 500;
        using ProcessArena process = new(new() { Capacity = Count << 10, BlockSize = 1 << 10, Reclamation = ArenaReclamation.PerRequest });
        using RequestArenaPool pool = new(process);
        ArenaLease[] leases = [.. Enumerable.Range(0, Count).Select(_ => pool.Rent())];
        Array.ForEach(leases, lease => lease.Handle.Allocate<byte>(8));
        Assert.Equal(process.Capacity, process.Held);

        Array.ForEach(leases, lease => pool.Return(lease));

        Assert.InRange(process.Held, process.BlockSize, process.Capacity / 8);
    }

    /// <summary>An exception there would end a connection, or on the timer the process; and the arena would be nobody's for good.</summary>
    [Fact]
    public void Who_listens_to_the_metrics_and_throws_costs_no_memory()
    {
        using ProcessArena process = new(new() { Capacity = 1 << 20, BlockSize = 1 << 12, Reclamation = ArenaReclamation.PerRequest });
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        IMeterFactory factory = services.GetRequiredService<IMeterFactory>();
        using RequestArenaPool pool = new(process, metrics: new RequestMetrics(factory));
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "oneshot.request.arena.size" && ReferenceEquals(instrument.Meter.Scope, factory)) // no other test's
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        int calls = 0;
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            calls++;
            throw new InvalidOperationException("The listener fails.");
        });
        listener.Start();
        const int Rounds = 20;
        for (int i = 0; i < Rounds; i++)
        {
            ArenaLease lease = pool.Rent();
            lease.Handle.Allocate<byte>(8);
            pool.Return(lease);
        }

        Assert.Equal(Rounds, calls);
        Assert.Equal(0, process.Held);
        Assert.Equal(0, process.Statistics.Arenas);
    }

    /// <summary>Two threads in one arena at once can leave its cursor anywhere. Such an arena must not become the next request's.</summary>
    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void An_arena_that_was_given_up_is_nobody_elses(ArenaReclamation reclamation)
    {
        using ProcessArena process = new(new() { Capacity = 1 << 20, BlockSize = 1 << 12, Reclamation = reclamation });
        using RequestArenaPool pool = new(process);
        ArenaLease lease = pool.Rent();
        lease.Handle.Allocate<byte>(100);
        CursorOf(lease.Arena!) += 1 << 16;

        pool.Return(lease);

        for (int i = 0; i < 8; i++)
        {
            ArenaLease next = pool.Rent();
            Assert.NotSame(lease.Arena, next.Arena);
            Assert.False(next.Handle.Allocate<byte>(100).ContainsAnyExcept((byte)0));
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_cursor")]
    private static extern ref nint CursorOf(Arena arena);

    /// <summary>A crowd is gone, and its arenas hold all blocks, nearly unused: one busy request gets what they have left.</summary>
    [Theory]
    [InlineData(ArenaReclamation.Never)]
    [InlineData(ArenaReclamation.PerRequest)]
    [InlineData(ArenaReclamation.Generational)]
    public void What_idle_arenas_have_left_serves_a_request_that_needs_more(ArenaReclamation reclamation)
    {
        const int Count = 64;
        using ProcessArena process = new(new() { Capacity = Count << 12, BlockSize = 1 << 12, Reclamation = reclamation, Exhaustion = ArenaExhaustion.Throw });
        using RequestArenaPool pool = new(process);
        ArenaLease[] leases = [.. Enumerable.Range(0, Count).Select(_ => pool.Rent())];
        Array.ForEach(leases, lease => lease.Handle.Allocate<byte>(40));
        Array.ForEach(leases, lease => pool.Return(lease));

        ArenaLease busy = pool.Rent();
        for (int piece = 0; piece < 3 * Count; piece++)
        {
            Span<byte> memory = busy.Handle.Allocate<byte>(1000);
            Assert.False(memory.ContainsAnyExcept((byte)0));
            memory.Fill(0xEE);
        }

        Assert.InRange(process.Used, 3 * Count * 1000, process.Capacity);
        pool.Return(busy);
    }

    [Fact]
    public void Returning_an_arena_ends_its_request()
    {
        using ProcessArena process = new();
        using RequestArenaPool pool = new(process);
        ArenaLease lease = pool.Rent();
        RequestArena given = lease.Handle;
        given.Allocate<byte>(100);

        pool.Return(lease);

        Assert.Equal(0, lease.Arena!.Allocated);
        Assert.Throws<ObjectDisposedException>(() => given.Allocate<byte>(1));
        Assert.Throws<ObjectDisposedException>(() => lease.Arena.Allocate<byte>(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lease_that_has_ended_gives_nothing_back(bool isOwn)
    {
        using ProcessArena process = new();
        using RequestArenaPool pool = new(process);
        ArenaLease lease = pool.Rent();
        Return(lease);
        ArenaLease next = pool.Rent();
        Assert.Same(lease.Arena, next.Arena);
        RequestArena given = next.Handle;
        given.Allocate<byte>(64);

        Return(lease);

        Assert.Equal(64, next.Arena!.Allocated);
        Assert.NotSame(next.Arena, pool.Rent().Arena);

        void Return(in ArenaLease ended)
        {
            if (isOwn)
            {
                pool.ReturnOwn(ended);
            }
            else
            {
                pool.Return(ended);
            }
        }
    }

    [Fact]
    public void A_callback_that_fails_at_the_end_is_logged_and_costs_no_arena()
    {
        using ProcessArena process = new();
        RecordingLog log = new();
        using LoggerFactory loggers = new([log]);
        using RequestArenaPool pool = new(process, loggers.CreateLogger<RequestArenaPool>());
        ArenaLease lease = pool.Rent();
        lease.Handle.OnReset(static _ => throw new InvalidTimeZoneException(), null);

        pool.Return(lease);

        Assert.Same(lease.Arena, pool.Rent().Arena);
        Assert.Contains("failure of the application", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_that_ended_ends_the_arenas_it_holds_and_those_that_come_back()
    {
        using ProcessArena process = new();
        RequestArenaPool pool = new(process);
        ArenaLease held = pool.Rent();
        ArenaLease late = pool.Rent();
        pool.Return(held);

        pool.Dispose();
        pool.Return(late);

        Assert.Throws<ObjectDisposedException>(() => held.Arena!.Allocate<byte>(8));
        Assert.Throws<ObjectDisposedException>(() => late.Arena!.Allocate<byte>(8));
    }

    [Fact]
    public void A_lease_that_has_ended_returns_nothing()
    {
        using ProcessArena process = new();
        using RequestArenaPool pool = new(process);
        ArenaLease first = pool.Rent();
        pool.Return(first);
        ArenaLease second = pool.Rent();
        Assert.Same(first.Arena, second.Arena);
        second.Handle.Allocate<byte>(64);

        pool.Return(first);
        pool.Return(default);

        Assert.Equal(64, second.Handle.Allocated);
        Assert.NotSame(second.Arena, pool.Rent().Arena);
    }

    /// <summary>Many threads that hold copies of the same leases: each arena comes back once, and nobody shares one.</summary>
    [Fact]
    public void However_many_return_the_same_lease_at_once_one_does()
    {
        using ProcessArena process = new();
        using RequestArenaPool pool = new(process);
        for (int round = 0; round < 200; round++)
        {
            ArenaLease lease = pool.Rent();
            Parallel.For(0, 8, _ => pool.Return(lease));
            ArenaLease[] rented = [.. Enumerable.Range(0, 4).Select(_ => pool.Rent())];
            Assert.Equal(4, rented.Select(one => one.Arena).Distinct().Count());
            Array.ForEach(rented, one => pool.Return(one));
        }
    }
}
