using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

public class LimitSourceTests
{
    [Theory]
    [InlineData(849, RestartPhase.Normal)]
    [InlineData(850, RestartPhase.Warning)]
    [InlineData(919, RestartPhase.Warning)]
    [InlineData(920, RestartPhase.Draining)]
    [InlineData(969, RestartPhase.Draining)]
    [InlineData(970, RestartPhase.Due)]
    [InlineData(2000, RestartPhase.Due)]
    public void What_lives_takes_the_steps_of_the_limit(long used, RestartPhase phase)
    {
        using LimitedProcess process = new();

        process.Live(used);

        Assert.Equal(phase, process.Monitor.Phase);
        Assert.Equal(phase >= RestartPhase.Draining, process.Monitor.ClosesConnections);
        Assert.Equal(Math.Min(used, 1000), process.Monitor.Read("container")!.Value.Used);
    }

    [Fact]
    public void A_container_that_is_full_of_garbage_is_not_restarted()
    {
        using LimitedProcess process = new();
        for (int minute = 0; minute < 60; minute++)
        {
            process.Live(600);
            process.Garbage = 390;
            for (int second = 0; second < 60; second++)
            {
                process.Advance(1);
                Assert.True(process.Monitor.Phase <= RestartPhase.Warning);
                process.Garbage = Math.Min(390, process.Garbage + 100);
            }
        }

        Assert.DoesNotContain("Warning RestartDraining", process.Events);
    }

    [Fact]
    public void Below_the_draining_threshold_nothing_is_collected()
    {
        using LimitedProcess process = new();

        process.Live(919);
        process.Advance(3600);

        Assert.Equal(0, process.Collections);
        Assert.Equal(RestartPhase.Warning, process.Monitor.Phase);
    }

    [Fact]
    public void Where_much_was_garbage_the_next_collection_waits_for_ten_seconds_unless_the_end_is_near()
    {
        using LimitedProcess process = new();
        process.Live(600);

        process.Garbage = 340;
        process.Advance(1);
        Assert.Equal(1, process.Collections);
        process.Garbage = 340;
        process.Advance(8);
        Assert.Equal((1, RestartPhase.Normal), (process.Collections, process.Monitor.Phase));
        process.Advance(3);
        Assert.Equal(2, process.Collections);

        process.Garbage = 380; // 98 %
        process.Advance(1);
        Assert.Equal(3, process.Collections);
    }

    [Fact]
    public void Where_nearly_all_of_it_lived_at_the_last_collection_growth_is_seen_within_a_second()
    {
        using LimitedProcess process = new();
        process.Live(880);
        process.Garbage = 45;
        process.Advance(1);
        Assert.Equal((1, RestartPhase.Warning), (process.Collections, process.Monitor.Phase));

        process.Live(925);
        process.Advance(1);

        Assert.Equal((RestartPhase.Draining, 925), (process.Monitor.Phase, process.Monitor.Read("container")!.Value.Used));
    }

    [Theory]
    [InlineData(600, 10)] // a quarter of the limit and more
    [InlineData(780, 4)]
    [InlineData(900, 1)]
    public void The_nearer_what_lives_is_to_the_threshold_the_sooner_it_is_looked_at_again(long live, int seconds)
    {
        using LimitedProcess process = new();
        process.Become(live, 930 - live);
        process.Advance(1);
        Assert.Equal(1, process.Collections);

        process.Become(live, 930 - live);
        process.Advance(seconds + 1);
        Assert.Equal(2, process.Collections);
    }

    [Fact]
    public void The_process_stands_still_for_a_twentieth_of_its_time_at_most()
    {
        using LimitedProcess process = new() { Pause = TimeSpan.FromSeconds(2) };
        process.Live(990);
        process.Advance(1);
        int collections = process.Collections;

        process.Advance(38);
        Assert.Equal(collections, process.Collections);
        process.Advance(6);
        Assert.Equal(collections + 1, process.Collections);
    }

    [Fact]
    public void A_leak_drains_and_is_due_after_the_drain_delay_however_young_the_process_is()
    {
        using LimitedProcess process = new(minLife: TimeSpan.FromMinutes(10));
        process.Live(930);
        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);
        process.Advance(9);
        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);

        process.Advance(2);

        Assert.Equal(RestartPhase.Due, process.Monitor.Phase);
        Assert.Null(process.Monitor.Read("container")!.Value.HeldBack);
        Assert.Equal(["Warning RestartDraining", "Warning LifeShort", "Warning RestartDue"], process.Events);
    }

    [Fact]
    public void A_peak_that_is_over_is_over_although_its_garbage_is_still_there()
    {
        using LimitedProcess process = new(drainDelay: TimeSpan.FromSeconds(30));
        process.Live(940);
        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);

        process.Become(500, garbage: 400);
        process.Advance(11);

        Assert.Equal(RestartPhase.Normal, process.Monitor.Phase);
        Assert.Equal(0, process.Garbage);
    }

    [Fact]
    public void In_a_no_GC_region_nothing_is_collected_and_all_of_it_counts()
    {
        using LimitedProcess process = new() { MayCollect = false };
        process.Live(600);
        process.Garbage = 330;
        process.Advance(1);

        Assert.Equal((0, RestartPhase.Draining), (process.Collections, process.Monitor.Phase));
    }

    [Fact]
    public void What_one_source_has_collected_the_other_need_not()
    {
        using LimitedProcess process = new();
        process.Live(600);
        process.Garbage = 350;
        process.Other.Used = 9_500; // 95 %, garbage
        process.OtherLeft = 5_000;

        process.Advance(1);

        Assert.Equal((1, RestartPhase.Normal), (process.Collections, process.Monitor.Phase));
        process.Other.Used = 9_400;
        process.Advance(5);
        Assert.Equal((1, RestartPhase.Normal), (process.Collections, process.Monitor.Phase));
    }

    [Fact]
    public void A_limit_that_is_lowered_or_raised_while_the_process_runs_holds_from_the_next_sample_on()
    {
        using LimitedProcess process = new();
        process.Live(500);
        Assert.Equal(RestartPhase.Normal, process.Monitor.Phase);

        process.Container.Limit = 530;
        process.Advance(1);
        Assert.Equal((RestartPhase.Draining, 530), (process.Monitor.Phase, process.Monitor.Read("container")!.Value.Limit));

        process.Container.Limit = 900;
        process.Advance(1);
        Assert.Equal(RestartPhase.Normal, process.Monitor.Phase);

        process.Container.Limit = long.MaxValue;
        process.Live(1_000_000);
        Assert.Equal((RestartPhase.Normal, false), (process.Monitor.Phase, process.Monitor.Read("container")!.Value.IsLimited));
    }

    [Fact]
    public void What_cannot_be_read_for_a_moment_stays_as_it_was()
    {
        using LimitedProcess process = new();
        process.Live(860);
        process.Container.IsReadable = false;
        process.Container.Used = 0;

        process.Advance(5);

        Assert.Equal((RestartPhase.Warning, 860), (process.Monitor.Phase, process.Monitor.Read("container")!.Value.Used));
    }

    [Fact]
    public void Reloaded_thresholds_hold()
    {
        using LimitedProcess process = new();
        process.Live(500);

        process.Monitor.Apply(new() { MemoryLimit = { WarnAt = 0.3, DrainAt = 0.4, LiveAt = 0.9 }, Jitter = 0 });
        process.Advance(1);

        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);
    }

    [Theory]
    [InlineData(0.0, 0.92)]
    [InlineData(1.0, 0.85)]
    public void The_jitter_takes_its_share_down_to_the_warning(double draw, double drainAt)
    {
        using LimitedProcess process = new(draw: draw);

        Assert.Equal(drainAt, process.Monitor.Read("container")!.Value.Ladder.DrainAt, 10);
    }

    [Fact]
    public void How_long_a_process_lives_is_told_only_when_its_memory_is_near_the_limit()
    {
        using LimitedProcess process = new();
        for (int used = 100; used < 840; used += 10) // warms up
        {
            process.Live(used);
        }

        Assert.Empty(process.Events);
        process.Live(860);
        process.Advance(1);

        Assert.Equal(["Warning RestartWarning", "Warning LifeShort"], process.Events);
    }

    [Fact]
    public void A_monitor_without_any_source_is_always_normal()
    {
        ManualClock clock = new();
        using SelfDrain selfDrain = new(clock, new RecordingLog().CreateLogger(""), lifetime: null);
        using RestartMonitor monitor = new([], new(), draw: 0, clock, selfDrain, new LoggerFactory().CreateLogger<RestartMonitor>());
        monitor.Start();
        clock.Advance(TimeSpan.FromMinutes(1));
        monitor.Apply(new() { DrainAt = 0.8 });

        Assert.Equal((RestartPhase.Normal, null, false), (monitor.Phase, monitor.TimeToFull, monitor.ClosesConnections));
        Assert.Equal((0.75, 0.8, 0.95), (monitor.WarnAt, monitor.DrainAt, monitor.LiveAt));
    }

    [Fact]
    public void The_heap_of_this_process_is_read()
    {
        GC.Collect();

        Assert.True(new GcHeap(1L << 40).TryRead(out MemoryReading reading));

        Assert.InRange(reading.Used, 12 << 20, GC.GetGCMemoryInfo().TotalCommittedBytes + (1L << 30));
        Assert.Equal(1L << 40, reading.Limit);
    }

    [Fact]
    public void A_collection_of_this_process_gives_back_what_nothing_holds()
    {
        FullCollection collection = new(TimeProvider.System);
        GcHeap heap = new(1L << 40);
        Fill();
        GC.Collect(0);
        heap.TryRead(out MemoryReading before);

        Assert.True(collection.TryRun(TimeSpan.Zero));

        heap.TryRead(out MemoryReading after);
        Assert.True(after.Used < before.Used - (32 << 20), $"{before.Used}, then {after.Used}");
        Assert.False(collection.TryRun(TimeSpan.FromHours(1)));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Fill()
        {
            List<byte[]> pieces = [];
            for (int i = 0; i < 64 << 10; i++)
            {
                pieces.Add(new byte[1 << 10]);
            }

            GC.Collect();
            GC.KeepAlive(pieces);
        }
    }

    /// <summary>A process in a container of 1,000 bytes, with another limit of 10,000, and a collector of the test's own.</summary>
    private sealed class LimitedProcess : IDisposable
    {
        private readonly RecordingLog _log = new();
        private readonly LoggerFactory _loggers;
        private readonly ManualClock _clock = new();
        private readonly RecordingHost _host = new();
        private long _live;
        private long _garbage;

        public LimitedProcess(double draw = 0, TimeSpan minLife = default, TimeSpan? drainDelay = null)
        {
            _loggers = new LoggerFactory([_log]);
            ILogger<RestartMonitor> logger = _loggers.CreateLogger<RestartMonitor>();
            FullCollection collection = new(_clock, Collect, () => MayCollect);
            Monitor = new RestartMonitor(
                [Source(Container), Source(Other)],
                new() { MinLife = minLife, DrainDelay = drainDelay ?? TimeSpan.FromSeconds(10) },
                draw,
                _clock,
                new SelfDrain(_clock, logger, _host),
                logger);
            Monitor.Start();
            Advance(0);

            LimitSource Source(LimitedMemory memory)
            {
                memory.TryRead(out MemoryReading first);
                return new LimitSource(memory, first, collection);
            }
        }

        public LimitedMemory Container { get; } = new("container", used: 100, limit: 1000);

        public LimitedMemory Other { get; } = new("gc", used: 100, limit: 10_000);

        /// <summary>What a collection leaves of the other.</summary>
        public long OtherLeft { get; set; }

        public RestartMonitor Monitor { get; }

        public bool MayCollect { get; set; } = true;

        public TimeSpan Pause { get; set; }

        public int Collections { get; private set; }

        public long Garbage
        {
            get => _garbage;
            set => Container.Used = _live + (_garbage = value);
        }

        public IEnumerable<string> Events => _log.Entries.Select(entry => $"{entry.Level} {entry.Event.Name}");

        public void Become(long live, long garbage)
        {
            _live = live;
            Garbage = garbage;
        }

        /// <summary>So much lives, and a sample is taken.</summary>
        public void Live(long bytes)
        {
            _live = bytes;
            Container.Used = _live + _garbage;
            Advance(1);
        }

        public void Advance(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

        public void Dispose()
        {
            Monitor.Dispose();
            _host.Dispose();
            _loggers.Dispose();
        }

        private void Collect()
        {
            Collections++;
            Garbage = 0;
            Other.Used = Math.Min(Other.Used, OtherLeft > 0 ? OtherLeft : Other.Used);
            _clock.Pass(Pause);
        }
    }
}
