using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Telemetry;
using OneShot.AspNetCore.Tests.Restart;

namespace OneShot.AspNetCore.Tests.Telemetry;

public class ArenaMetricsTests
{
    private const int Capacity = 1 << 20;

    [Fact]
    public void Names_and_units_are_those_of_OpenTelemetry()
    {
        using ServiceProvider services = Services();
        using MeterRecorder meter = new(services);

        Assert.Equal(
            [
                "oneshot.arena.allocated By",
                "oneshot.arena.fallbacks {fallback}",
                "oneshot.arena.limit By",
                "oneshot.arena.refusals {refusal}",
                "oneshot.arena.time_to_full s",
                "oneshot.arena.usage By",
                "oneshot.arena.utilization 1",
                "oneshot.heap.entries {entry}",
                "oneshot.heap.exhaustions {exhaustion}",
                "oneshot.heap.limit By",
                "oneshot.heap.time_to_full s",
                "oneshot.heap.usage By",
                "oneshot.memory.drain_at 1",
                "oneshot.memory.limit By",
                "oneshot.memory.time_to_full s",
                "oneshot.memory.usage By",
                "oneshot.request.arena.size By",
                "oneshot.restart.phase {phase}",
            ],
            meter.Units.Select(unit => $"{unit.Key} {unit.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_state_of_the_arena_is_read_when_it_is_asked_for()
    {
        using ServiceProvider services = Services();
        using MeterRecorder meter = new(services);
        Assert.Equal([0.0], meter.Values("oneshot.arena.usage"));

        services.GetRequiredService<ProcessArena>().Allocate((int)(Capacity * 0.875));

        Assert.Equal([Capacity], meter.Values("oneshot.arena.limit"));
        Assert.Equal([Capacity * 0.875], meter.Values("oneshot.arena.usage"));
        Assert.Equal([0.875], meter.Values("oneshot.arena.utilization"));
        Assert.Equal([2.0], meter.Values("oneshot.restart.phase"));
    }

    [Fact]
    public void The_time_to_full_is_absent_while_there_is_none()
    {
        ManualClock clock = new();
        using ServiceProvider services = Services(clock);
        using MeterRecorder meter = new(services);
        Assert.Empty(meter.Values("oneshot.arena.time_to_full"));

        services.GetRequiredService<RestartMonitor>().Start();
        for (int second = 0; second < 10; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            services.GetRequiredService<ProcessArena>().Allocate(Capacity / 100);
        }

        double left = Assert.Single(meter.Values("oneshot.arena.time_to_full"));
        Assert.InRange(left, 89, 93);
    }

    [Fact]
    public void Fallbacks_tell_a_full_arena_from_an_allocation_too_large_for_what_is_left()
    {
        using ServiceProvider services = Services();
        using MeterRecorder meter = new(services);
        ProcessArena process = services.GetRequiredService<ProcessArena>();
        process.Allocate(Capacity - (64 << 10));
        using Arena arena = process.CreateArena();

        arena.Allocate<byte>(128 << 10);
        Assert.Equal([1.0], meter.Values("oneshot.arena.fallbacks", "reason=large"));
        Assert.Equal([0.0], meter.Values("oneshot.arena.fallbacks", "reason=full"));

        process.Allocate((int)process.Remaining);
        using Arena another = process.CreateArena();
        another.Allocate<byte>(100);
        Assert.Equal([1.0], meter.Values("oneshot.arena.fallbacks", "reason=large"));
        Assert.Equal([1.0], meter.Values("oneshot.arena.fallbacks", "reason=full"));
    }

    [Fact]
    public void A_heap_budget_is_measured_and_none_is_not()
    {
        using ServiceProvider none = Services();
        using (MeterRecorder meter = new(none))
        {
            Assert.Empty(meter.Values("oneshot.heap.limit"));
            Assert.Empty(meter.Values("oneshot.heap.usage"));
        }

        ManualClock clock = new();
        ManualRegion region = new();
        HeapBudget heap = new(new() { Budget = 100 << 20 }, noticeAt: 0.75, region, NullLogger.Instance);
        using ServiceProvider services = Services(clock, heap);
        using MeterRecorder recorder = new(services);
        services.GetRequiredService<RestartMonitor>().Start();
        heap.Start();
        for (int second = 0; second < 10; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            region.Allocate(1 << 20);
        }

        Assert.Equal([100.0 * (1 << 20)], recorder.Values("oneshot.heap.limit"));
        Assert.Equal([10.0 * (1 << 20)], recorder.Values("oneshot.heap.usage"));
        Assert.Equal([1.0], recorder.Values("oneshot.heap.entries"));
        Assert.Equal([0.0], recorder.Values("oneshot.heap.exhaustions"));
        Assert.InRange(Assert.Single(recorder.Values("oneshot.heap.time_to_full")), 89, 93);
        Assert.Empty(recorder.Values("oneshot.arena.time_to_full"));
    }

    [Fact]
    public void Each_source_of_memory_is_measured_under_its_name()
    {
        ManualClock clock = new();
        LimitedMemory memory = new("container", used: 300, limit: 1000);
        using ServiceProvider services = Services(clock, limits: new MemoryLimits([memory]));
        using MeterRecorder meter = new(services);
        services.GetRequiredService<RestartMonitor>().Start();
        services.GetRequiredService<ProcessArena>().Allocate(Capacity / 2);
        for (int second = 0; second < 10; second++)
        {
            memory.Used += 10;
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([Capacity], meter.Values("oneshot.memory.limit", "source=arena"));
        Assert.Equal([Capacity / 2.0], meter.Values("oneshot.memory.usage", "source=arena"));
        Assert.Equal([0.85], meter.Values("oneshot.memory.drain_at", "source=arena"));
        Assert.Equal([1000.0], meter.Values("oneshot.memory.limit", "source=container"));
        Assert.Equal([400.0], meter.Values("oneshot.memory.usage", "source=container"));
        Assert.Equal([0.92], meter.Values("oneshot.memory.drain_at", "source=container"));
        Assert.InRange(Assert.Single(meter.Values("oneshot.memory.time_to_full", "source=container")), 59, 61);

        memory.Limit = long.MaxValue;
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(meter.Values("oneshot.memory.limit", "source=container"));
    }

    private static ServiceProvider Services(TimeProvider? time = null, HeapBudget? heap = null, MemoryLimits? limits = null)
    {
        IServiceCollection collection = new ServiceCollection();
        if (heap is not null)
        {
            collection.AddSingleton(heap);
        }

        ServiceProvider services = collection
            .AddLogging()
            .AddSingleton(time ?? TimeProvider.System)
            .AddSingleton(limits ?? new MemoryLimits([]))
            .AddOneShotArena(options =>
            {
                options.Capacity = Capacity;
                options.Reclamation = ArenaReclamation.Never;
                options.Restart.Jitter = 0;
                options.Restart.MinLife = TimeSpan.Zero;
            })
            .BuildServiceProvider();
        services.GetRequiredService<ArenaMetrics>();
        services.GetRequiredService<RestartMetrics>();
        services.GetRequiredService<HeapMetrics>();
        services.GetRequiredService<RequestMetrics>();
        return services;
    }
}
