using Microsoft.Extensions.Logging.Abstractions;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

public class HeapBudgetTests
{
    private const long Mebi = 1 << 20;
    private const long Budget = 800 * Mebi;

    [Fact]
    public void Before_the_host_has_started_nothing_counts()
    {
        using BudgetedProcess process = new();
        process.Region.Allocate(Budget);
        process.Advance(1);

        Assert.Equal((HeapBudgetState.Pending, 0), (process.Heap.State, process.Heap.Used));
        Assert.Empty(process.Region.Entries);
        Assert.Equal(RestartPhase.Normal, process.Monitor.Phase);
    }

    [Fact]
    public void The_start_may_collect_and_asks_for_an_eighth_more_for_large_objects()
    {
        using BudgetedProcess process = new();

        process.Heap.Start();

        Assert.Equal([(900 * Mebi, 100 * Mebi, true)], process.Region.Entries);
        Assert.Equal(675 * Mebi, process.Region.NoticedAt); // three quarters: the warning
        Assert.Equal((HeapBudgetState.Active, 1, 0), (process.Heap.State, process.Heap.Entries, process.Heap.Used));
        Assert.Equal("Information HeapBudgetEntered", Assert.Single(process.Events));
    }

    [Fact]
    public void A_budget_says_how_much_is_for_large_objects()
    {
        using BudgetedProcess process = new(new() { Budget = Budget, LargeObjects = 30 * Mebi });

        process.Heap.Start();

        Assert.Equal([(830 * Mebi, 30 * Mebi, true)], process.Region.Entries);
    }

    [Theory]
    [InlineData(599, RestartPhase.Normal)]
    [InlineData(600, RestartPhase.Warning)]
    [InlineData(680, RestartPhase.Draining)]
    [InlineData(760, RestartPhase.Due)]
    [InlineData(900, RestartPhase.Due)]
    public void The_process_takes_its_steps_as_the_budget_is_used_up(long used, RestartPhase phase)
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(used * Mebi);

        Assert.Equal(phase, process.Monitor.Phase); // at once; the sample takes note
        process.Advance(1);

        Assert.Equal(phase, process.Monitor.Phase);
        Assert.Equal(phase >= RestartPhase.Draining, process.Monitor.ClosesConnections);
        Assert.Equal(Math.Min(used * Mebi, Budget), process.Heap.Used);
    }

    [Fact]
    public void The_source_that_is_first_takes_the_process_with_it_and_each_tells_its_own_steps()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Arena.Allocate(780 << 10); // a warning
        process.Region.Allocate(700 * Mebi); // draining
        process.Advance(1);

        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);
        Assert.Contains("Warning RestartWarning: The process arena is 78.0 % full (798720 of 1024000 bytes); no trend yet, but full in about 00:00:00 at the pace of the last second. It drains from 85.0 % on.", process.Lines);
        Assert.Contains(
            "Warning RestartDraining: The heap budget is 87.5 % full (734003200 of 838860800 bytes): draining. The readiness check fails and HTTP/1.1 answers close their connections; no trend yet, but full in about 00:00:00 at the pace of the last second.",
            process.Lines);

        process.Advance(10);
        Assert.Equal(RestartPhase.Due, process.Monitor.Phase);
        Assert.Contains(process.Lines, line => line.StartsWith("Warning RestartDue: The heap budget is 87.5 % full", StringComparison.Ordinal));
    }

    [Fact]
    public void The_arena_is_first_where_it_fills_first()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(100 * Mebi);
        process.Arena.Allocate(960 << 10);
        process.Advance(1);

        Assert.Equal(RestartPhase.Due, process.Monitor.Phase);
        Assert.DoesNotContain(process.Lines, line => line.Contains("heap budget is", StringComparison.Ordinal));
    }

    [Fact]
    public void Both_drain_at_the_same_share_jitter_and_all()
    {
        using BudgetedProcess process = new(draw: 0.5);
        process.Heap.Start();

        process.Region.Allocate((long)(0.79 * Budget));
        Assert.Equal(RestartPhase.Warning, process.Monitor.Phase);
        process.Region.Allocate((long)(0.02 * Budget));
        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);
        Assert.Equal(0.80, process.Monitor.DrainAt, 10);
    }

    [Fact]
    public void Each_source_has_a_time_to_full_and_the_process_that_of_the_first()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        for (int second = 0; second < 100; second++)
        {
            process.Region.Allocate(4 * Mebi); // 100 of 200 s
            process.Arena.Allocate(1 << 10); // 100 of 1,000 s
            process.Advance(1);
        }

        Assert.Equal(100, process.Monitor.Read(HeapBudget.KeyOfSource)!.Value.TimeToFull!.Value.TotalSeconds, 1.0);
        Assert.Equal(900, process.Monitor.Read(ArenaSource.KeyOfSource)!.Value.TimeToFull!.Value.TotalSeconds, 10.0);
        Assert.Equal(100, process.Monitor.TimeToFull!.Value.TotalSeconds, 1.0);
    }

    [Fact]
    public void A_life_that_the_budget_makes_short_is_told_with_remedies_of_its_own()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        for (int second = 0; second < 100; second++)
        {
            process.Region.Allocate(4 * Mebi);
            process.Advance(1);
        }

        string line = Assert.Single(process.Lines, line => line.Contains("LifeShort", StringComparison.Ordinal));
        Assert.StartsWith("Warning LifeShort: This process fills its heap budget within 00:03:20 of its start.", line, StringComparison.Ordinal);
        Assert.EndsWith("Remedies: a larger Heap:Budget, more replicas, or fewer bytes a request.", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_something_else_has_left_is_entered_again_without_a_pause_and_told_once()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        for (int i = 0; i < 3; i++)
        {
            process.Region.Allocate(300 * Mebi);
            process.Region.Collect();
            process.Advance(1);
            Assert.Equal((HeapBudgetState.Active, 0), (process.Heap.State, process.Heap.Used));
        }

        Assert.Equal(4, process.Heap.Entries);
        Assert.All(process.Region.Entries.Skip(1), entry => Assert.Equal((900 * Mebi, 100 * Mebi, false), entry));
        Assert.Equal(["Information HeapBudgetEntered", "Warning HeapBudgetEnteredAgain", "Debug HeapBudgetEnteredAgain", "Debug HeapBudgetEnteredAgain"], process.Events);
        Assert.Equal(RestartPhase.Normal, process.Monitor.Phase);
    }

    [Fact]
    public void A_budget_that_is_spent_before_the_restart_is_counted_and_told_once_and_the_process_stays_due()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(Budget);
        process.Region.Collect();

        process.Advance(1);
        process.Advance(60);

        Assert.Equal((HeapBudgetState.Spent, 1, 1, Budget), (process.Heap.State, process.Heap.Exhaustions, process.Heap.Entries, process.Heap.Used));
        Assert.Equal(RestartPhase.Due, process.Monitor.Phase);
        Assert.Single(process.Events, "Warning HeapBudgetSpent");
    }

    [Fact]
    public void A_budget_that_is_spent_within_the_least_life_collects_until_the_process_may_go()
    {
        using BudgetedProcess process = new(minLife: TimeSpan.FromMinutes(10));
        process.Heap.Start();
        process.Advance(60);
        process.Region.Allocate(Budget);
        Assert.Equal(RestartPhase.Warning, process.Monitor.Phase);
        process.Region.Collect();

        process.Advance(60);

        Assert.Equal((RestartPhase.Warning, false), (process.Monitor.Phase, process.Monitor.ClosesConnections));
        Assert.Equal(TimeSpan.FromMinutes(8), process.Monitor.Read(HeapBudget.KeyOfSource)!.Value.HeldBack);
        Assert.Equal((HeapBudgetState.Spent, 1, 1), (process.Heap.State, process.Heap.Exhaustions, process.Heap.Entries));
        Assert.Single(process.Lines, line => line.StartsWith("Warning RestartHeldBack: The heap budget is 100.0 % full (838860800 of 838860800 bytes) after a life of 00:01:0", StringComparison.Ordinal)
            && line.EndsWith("Until then the process goes on. If this is not an attack, remedies: a larger Heap:Budget, more replicas, or fewer bytes a request.", StringComparison.Ordinal));

        process.Advance(480);
        Assert.Equal(RestartPhase.Due, process.Monitor.Phase);
    }

    [Fact]
    public void A_source_is_held_back_by_itself_and_not_by_another_that_is_far_from_full()
    {
        using BudgetedProcess process = new(minLife: TimeSpan.FromMinutes(10));
        process.Heap.Start();
        process.Region.Allocate(690 * Mebi);
        process.Advance(1);

        Assert.NotNull(process.Monitor.Read(HeapBudget.KeyOfSource)!.Value.HeldBack);
        Assert.Null(process.Monitor.Read(ArenaSource.KeyOfSource)!.Value.HeldBack);
    }

    [Fact]
    public void A_process_that_drains_does_not_begin_its_budget_anew_and_has_not_spent_it()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(690 * Mebi);
        process.Advance(1);
        process.Region.Collect();

        process.Advance(5);

        Assert.Equal((HeapBudgetState.Left, 0, 1, 690 * Mebi), (process.Heap.State, process.Heap.Exhaustions, process.Heap.Entries, process.Heap.Used));
        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);
        Assert.Single(process.Lines, "Information HeapBudgetLeft: Something has collected after 723517440 of 838860800 bytes of the heap budget, and the process drains already: it collects as ever until its restart.");
    }

    /// <summary>The first of so many populations, in which something collects.</summary>
    [Theory]
    [InlineData(1, HeapBudgetState.Active, 2)]
    [InlineData(3, HeapBudgetState.Active, 4)]
    [InlineData(99, HeapBudgetState.Active, 6)] // the next sample goes on
    public void A_budget_begins_with_a_region_that_has_lasted_through_the_population(int collections, HeapBudgetState state, int asked)
    {
        using BudgetedProcess process = new(populates: true);
        int populations = 0;
        process.Region.Populates = () =>
        {
            if (++populations <= collections)
            {
                process.Region.Collect();
            }

            return new(100, null);
        };

        process.Heap.Start();

        Assert.Equal((state, 1, asked), (process.Heap.State, process.Heap.Entries, process.Region.Entries.Count));
        Assert.All(process.Region.Entries.Skip(1), static entry => Assert.False(entry.MayCollect));
        Assert.Contains(process.Lines, line => line.Contains($"HeapBudgetPopulated: {100 * asked} bytes", StringComparison.Ordinal));
        Assert.DoesNotContain(process.Events, line => line.EndsWith("HeapBudgetEnteredAgain", StringComparison.Ordinal));
    }

    [Fact]
    public void A_process_that_drains_for_its_arena_does_not_begin_its_budget_anew()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(300 * Mebi);
        process.Arena.Allocate(900 << 10);
        process.Advance(1);
        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);
        process.Region.Collect();

        process.Advance(5);

        Assert.Equal((HeapBudgetState.Left, 0, 1), (process.Heap.State, process.Heap.Exhaustions, process.Heap.Entries));
    }

    [Fact]
    public void Where_nobody_restarts_it_what_was_left_is_spent_when_as_much_is_allocated()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(690 * Mebi);
        process.Advance(1);
        process.Region.Collect();
        process.Advance(1);

        process.Region.Allocate(110 * Mebi);
        process.Advance(5);

        Assert.Equal((HeapBudgetState.Spent, 1, 1), (process.Heap.State, process.Heap.Exhaustions, process.Heap.Entries));
        Assert.Single(process.Events, "Warning HeapBudgetSpent");
    }

    [Fact]
    public void A_threshold_that_is_raised_ends_the_draining_and_begins_the_budget_anew()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(690 * Mebi);
        process.Advance(1);
        process.Region.Collect();
        process.Advance(1);

        process.Monitor.Apply(new() { WarnAt = 0.9, DrainAt = 0.95, LiveAt = 0.98, MinLife = TimeSpan.Zero });
        process.Advance(2);

        Assert.Equal((HeapBudgetState.Active, 2, 0, true), (process.Heap.State, process.Heap.Entries, process.Heap.Used, process.Region.IsEntered));
    }

    // To enter again costs nothing; to collect for the rest of the least life does.
    [Theory]
    [InlineData(600)]
    [InlineData(690)]
    [InlineData(799)]
    public void While_the_process_is_too_young_to_drain_what_is_not_spent_begins_anew(long used)
    {
        using BudgetedProcess process = new(minLife: TimeSpan.FromMinutes(10));
        process.Heap.Start();
        process.Region.Allocate(used * Mebi);
        process.Advance(1);
        process.Region.Collect();

        process.Advance(1);

        Assert.Equal((HeapBudgetState.Active, 2, 0, 0), (process.Heap.State, process.Heap.Entries, process.Heap.Used, process.Heap.Exhaustions));
        Assert.True(process.Region.IsEntered);
    }

    [Fact]
    public void A_budget_that_is_not_granted_is_told_with_what_the_heap_may_have_and_fills_nothing()
    {
        using BudgetedProcess process = new();
        process.Region.Grants = false;
        process.Heap.Start();
        process.Region.Allocate(2 * Budget);
        process.Advance(100);

        Assert.Equal((HeapBudgetState.Refused, 0, 0), (process.Heap.State, process.Heap.Used, process.Heap.Exhaustions));
        Assert.Single(process.Region.Entries);
        Assert.Equal(RestartPhase.Normal, process.Monitor.Phase);
        Assert.Single(process.Lines, line => line.StartsWith(
            "Warning HeapBudgetRefused: The heap budget of 838860800 bytes, with 104857600 bytes for large objects, was not granted: the heap of the GC may have 123 bytes,", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void What_was_granted_once_is_asked_for_again_where_it_is_refused(int refusals)
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        for (int round = 0; round < 3; round++)
        {
            process.Region.Entries.Clear();
            process.Region.Grants = false;
            process.Region.Allocate(10 * Mebi);
            process.Region.Collect();
            while (process.Region.Entries.Count < refusals)
            {
                process.Advance(1);
            }

            Assert.Equal((HeapBudgetState.Active, 10 * Mebi), (process.Heap.State, process.Heap.Used));
            process.Region.Grants = true;
            process.Advance(20);

            Assert.Equal((HeapBudgetState.Active, 0, true), (process.Heap.State, process.Heap.Used, process.Region.IsEntered));
            Assert.Equal(refusals + 1, process.Region.Entries.Count);
        }

        Assert.Equal((4, 0), (process.Heap.Entries, process.Heap.Exhaustions));
        Assert.DoesNotContain(process.Events, line => line.EndsWith("HeapBudgetRefused", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_granted_again_is_spent_after_some_tries_and_the_restart_comes_when_it_would_have_come()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Region.Allocate(100 * Mebi);
        process.Region.Grants = false;
        process.Region.Collect();
        List<int> tries = [];
        for (int sample = 1; sample <= 60; sample++)
        {
            int before = process.Region.Entries.Count;
            ((IMemorySource)process.Heap).OnSampled(RestartPhase.Normal, RestartPhase.Normal);
            if (process.Region.Entries.Count > before)
            {
                tries.Add(sample);
            }
        }

        Assert.Equal([1, 3, 6, 11, 20, 37], tries);
        Assert.Equal((HeapBudgetState.Spent, 1, 1, 100 * Mebi), (process.Heap.State, process.Heap.Exhaustions, process.Heap.Entries, process.Heap.Used));
        Assert.Single(process.Lines, line => line.StartsWith(
            "Warning HeapBudgetNotEnteredAgain: Something has collected, and the heap budget of 838860800 bytes, with 104857600 bytes for large objects, was not granted again, 6 times:", StringComparison.Ordinal));
        Assert.DoesNotContain("Warning HeapBudgetSpent", process.Events);
        Assert.Equal(RestartPhase.Normal, process.Monitor.Phase);

        process.Region.Allocate(590 * Mebi);
        process.Advance(1);
        Assert.Equal(RestartPhase.Draining, process.Monitor.Phase);
    }

    [Fact]
    public void The_runtimes_notice_brings_the_next_sample_at_once()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();
        process.Advance(1);
        process.Region.Allocate(700 * Mebi);
        Assert.False(process.Monitor.ClosesConnections);

        process.Region.Notice();
        process.Sample();

        Assert.True(process.Monitor.ClosesConnections);
    }

    [Fact]
    public void A_host_that_stops_leaves_the_region()
    {
        using BudgetedProcess process = new();
        process.Heap.Start();

        process.Heap.Stop();
        process.Heap.Start();

        Assert.False(process.Region.IsEntered);
        Assert.Equal(HeapBudgetState.Ended, process.Heap.State);
        Assert.Single(process.Region.Entries);
    }

    [Fact]
    public void What_the_region_has_committed_is_faulted_in_before_the_budget_is_active()
    {
        using BudgetedProcess process = new(populates: true);
        List<(HeapBudgetState, long)> meanwhile = [];
        process.Region.Populates = () =>
        {
            process.Region.Allocate(5_000);
            process.Advance(1);
            meanwhile.Add((process.Heap.State, process.Heap.Used));
            return new(900 * Mebi, null);
        };

        process.Heap.Start();

        Assert.Equal([(HeapBudgetState.Populating, 5_000)], meanwhile);
        Assert.Equal((HeapBudgetState.Active, 5_000), (process.Heap.State, process.Heap.Used));
        Assert.Equal(["Information HeapBudgetEntered", "Information HeapBudgetPopulated"], process.Events);
    }

    [Fact]
    public void A_budget_whose_memory_is_not_all_there_goes_on_and_says_why()
    {
        using BudgetedProcess process = new(populates: true);
        process.Region.Populates = () => new(16 * Mebi, "the kernel refused");

        process.Heap.Start();

        Assert.Equal(HeapBudgetState.Active, process.Heap.State);
        Assert.Contains(process.Lines, line => line.StartsWith("Warning HeapBudgetNotPopulated: 16777216 bytes of the heap budget were faulted in, and no more: the kernel refused.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_stops_does_not_wait_for_memory()
    {
        using BudgetedProcess process = new(populates: true);
        using ManualResetEventSlim begun = new();
        process.Region.Populates = () =>
        {
            begun.Set();
            SpinWait.SpinUntil(() => !process.Region.IsEntered);
            return new(0, "the host stops");
        };
        Task start = Task.Run(process.Heap.Start, TestContext.Current.CancellationToken);
        begun.Wait(TestContext.Current.CancellationToken);

        process.Heap.Stop();
        await start;

        Assert.Equal((HeapBudgetState.Ended, false), (process.Heap.State, process.Region.IsEntered));
        Assert.Equal(["Information HeapBudgetEntered"], process.Events);
    }

    [Fact]
    public void What_collects_while_memory_is_faulted_in_is_seen_by_the_next_sample()
    {
        using BudgetedProcess process = new(populates: true);
        process.Region.Populates = () =>
        {
            process.Region.Collect();
            process.Advance(1);
            return new(900 * Mebi, null);
        };
        process.Heap.Start();
        Assert.Equal((HeapBudgetState.Active, 1, false), (process.Heap.State, process.Heap.Entries, process.Region.IsEntered));
        int before = process.Region.Populations;

        process.Region.Populates = static () => new(0, null);
        process.Advance(1);

        Assert.Equal((HeapBudgetState.Active, 2, true), (process.Heap.State, process.Heap.Entries, process.Region.IsEntered));
        Assert.True(SpinWait.SpinUntil(() => process.Region.Populations == before + 1, TimeSpan.FromSeconds(30)), "The memory of the second entry was not faulted in.");
    }

    /// <summary>The second entry's memory is still being faulted in when something collects and the process drains: no gigabytes more for what is collected again.</summary>
    [Fact]
    public void Memory_of_a_budget_that_was_left_is_faulted_in_no_further()
    {
        using BudgetedProcess process = new(populates: true);
        process.Heap.Start();
        bool mayGo = false;
        bool hasGone = false;
        process.Region.Populates = () =>
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref mayGo), TimeSpan.FromSeconds(30));
            Volatile.Write(ref hasGone, true);
            return new(16 * Mebi, "nobody needs it any more");
        };
        process.Region.Collect();
        process.Advance(1);
        Assert.True(SpinWait.SpinUntil(() => process.Region.Populations == 2, TimeSpan.FromSeconds(30)));
        Assert.True(process.Region.IsWanted!());

        process.Region.Allocate(690 * Mebi);
        process.Advance(1);
        process.Region.Collect();
        process.Advance(1);

        Assert.Equal(HeapBudgetState.Left, process.Heap.State);
        Assert.False(process.Region.IsWanted!());
        Volatile.Write(ref mayGo, true);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref hasGone), TimeSpan.FromSeconds(30)));
        Assert.False(SpinWait.SpinUntil(() => process.Events.Any(static line => line.EndsWith("HeapBudgetNotPopulated", StringComparison.Ordinal)), TimeSpan.FromMilliseconds(100)));
        Assert.Equal(2, process.Region.Populations);
    }

    [Fact]
    public void Entered_again_and_again_it_faults_in_one_after_the_other()
    {
        using BudgetedProcess process = new(populates: true);
        process.Heap.Start();
        using SemaphoreSlim mayGo = new(0);
        (int now, int most, int over) = (0, 0, 0);
        process.Region.Populates = () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            mayGo.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            Interlocked.Decrement(ref now);
            Interlocked.Increment(ref over);
            return new(500, null);
        };

        for (int i = 0; i < 4; i++)
        {
            process.Region.Collect();
            process.Advance(1);
            Assert.True(process.Region.IsEntered);
        }

        Assert.True(SpinWait.SpinUntil(() => process.Region.Populations == 2, TimeSpan.FromSeconds(30)));
        mayGo.Release(); // what was committed meanwhile comes next, all of it at once
        Assert.True(SpinWait.SpinUntil(() => process.Region.Populations == 3, TimeSpan.FromSeconds(30)));
        mayGo.Release();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref over) == 2, TimeSpan.FromSeconds(30)));
        process.Region.Collect();
        process.Advance(1);
        mayGo.Release();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref over) == 3, TimeSpan.FromSeconds(30)));
        Assert.Equal(4, process.Region.Populations);
        Assert.Equal(1, most);
    }

    [Fact]
    public void An_obstacle_is_told_once_also_where_it_comes_when_the_budget_is_entered_again()
    {
        using BudgetedProcess process = new(populates: true);
        process.Heap.Start();
        process.Region.Populates = static () => new(16 * Mebi, "there is no room");

        for (int i = 1; i <= 3; i++)
        {
            process.Region.Collect();
            process.Advance(1);
            Assert.True(SpinWait.SpinUntil(() => process.Events.Count(IsObstacle) == i, TimeSpan.FromSeconds(30)), $"{string.Join('\n', process.Lines)}");
        }

        Assert.Equal(["Warning HeapBudgetNotPopulated", "Debug HeapBudgetNotPopulated", "Debug HeapBudgetNotPopulated"], process.Events.Where(IsObstacle));

        static bool IsObstacle(string line) => line.EndsWith("HeapBudgetNotPopulated", StringComparison.Ordinal);
    }

    // The runtime takes no notice of no bytes at all.
    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-12)]
    [InlineData(1)]
    public void The_notice_is_at_a_byte_at_the_least_and_before_the_end(double warnAt)
    {
        ManualRegion region = new();
        HeapBudget heap = new(new() { Budget = Budget, PopulateAtStart = false }, warnAt, region, NullLogger.Instance);

        heap.Start();

        Assert.InRange(region.NoticedAt, 1, 899 * Mebi);
    }

    [Fact]
    public void Without_a_budget_there_is_none()
    {
        using BudgetedProcess process = new(new());

        process.Heap.Start();
        process.Heap.Stop();

        Assert.Equal((HeapBudgetState.Off, 0, 0), (process.Heap.State, process.Heap.Limit, process.Heap.Used));
        Assert.Empty(process.Region.Entries);
    }

    /// <summary>A process arena of 1,000 KiB and a heap budget under one monitor, on a region and a time of the test's own.</summary>
    private sealed class BudgetedProcess : IDisposable
    {
        private readonly RecordingLog _log = new();
        private readonly LoggerFactory _loggers;
        private readonly ManualClock _clock = new();
        private readonly RecordingHost _host = new();

        public BudgetedProcess(HeapOptions? options = null, double draw = 0, TimeSpan minLife = default, bool populates = false)
        {
            options ??= new() { Budget = Budget };
            options.PopulateAtStart = populates;
            _loggers = new LoggerFactory([_log], new LoggerFilterOptions { MinLevel = LogLevel.Debug });
            Heap = new HeapBudget(options, noticeAt: 0.75, Region, _loggers.CreateLogger<HeapBudget>());
            ILogger<RestartMonitor> logger = _loggers.CreateLogger<RestartMonitor>();
            IMemorySource[] sources = options.Budget > 0 ? [new ArenaSource(Arena, _clock), Heap] : [new ArenaSource(Arena, _clock)];
            Monitor = new RestartMonitor(sources, new() { MinLife = minLife }, draw, _clock, new SelfDrain(_clock, logger, _host), logger);
            Monitor.Start();
            Sample();
        }

        public ProcessArena Arena { get; } = new(new() { Capacity = 1000 << 10, BlockSize = 1024 });

        public ManualRegion Region { get; } = new();

        public HeapBudget Heap { get; }

        public RestartMonitor Monitor { get; }

        public IEnumerable<string> Events => _log.Entries.Select(entry => $"{entry.Level} {entry.Event.Name}");

        public IEnumerable<string> Lines => _log.Entries.Select(entry => $"{entry.Level} {entry.Event.Name}: {entry.Message}");

        public void Advance(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

        public void Sample() => _clock.Advance(TimeSpan.Zero);

        public void Dispose()
        {
            Monitor.Dispose();
            Arena.Dispose();
            _host.Dispose();
            _loggers.Dispose();
        }
    }
}
