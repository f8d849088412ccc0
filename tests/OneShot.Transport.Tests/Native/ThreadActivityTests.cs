using System.Diagnostics;
using OneShot.Transport.Loops;
using OneShot.Transport.Native;

namespace OneShot.Transport.Tests.Native;

public sealed class ThreadActivityTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData("12 (dotnet) S 1 2", 'S')]
    [InlineData("12 (OneShot loop) R 1 2", 'R')]
    [InlineData("12 (a) S b) D 1 2", 'D')]
    [InlineData("12 (a", '\0')]
    [InlineData("12 (a) ", '\0')]
    [InlineData("", '\0')]
    public void The_state_stands_behind_the_name(string stat, char state) =>
        Assert.Equal((byte)state, ThreadActivity.StateOf(System.Text.Encoding.ASCII.GetBytes(stat)));

    [Fact]
    public void A_thread_that_asks_does_not_wait()
    {
        using var activity = ThreadActivity.OfCurrentThread();
        Assert.True(activity.IsKnown);
        Assert.False(activity.IsWaiting);
        Assert.True(activity.ProcessorTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_thread_that_waits_waits_and_spends_nothing()
    {
        using var gate = new ManualResetEventSlim();
        (ThreadActivity activity, Task ends) = await Start(() => gate.WaitHandle.WaitOne());
        await Limit.Until(() => activity.KindSince(activity.ProcessorTime, s_bound) == TurnKind.Waited); // it may have other things to wait for before
        gate.Set();
        await ends.Soon();
    }

    [Fact]
    public async Task A_thread_that_computes_spends_its_time_and_is_found_at_work()
    {
        bool ends = false;
        (ThreadActivity activity, Task ended) = await Start(() => Spin(ref ends));
        TimeSpan before = activity.ProcessorTime;
        await Limit.Until(() => activity.KindSince(before, s_bound) == TurnKind.Computed);
        Volatile.Write(ref ends, true);
        await ended.Soon();
    }

    [Fact]
    public void A_thread_that_is_ready_and_has_spent_nothing_is_held_up_by_the_system_only()
    {
        using var activity = ThreadActivity.OfCurrentThread();
        Assert.Equal(TurnKind.Quick, activity.KindSince(activity.ProcessorTime, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task A_thread_that_has_ended_is_taken_for_one_that_waits()
    {
        (ThreadActivity activity, Task ended) = await Start(() => { });
        await ended.Soon();
        await Limit.Until(() => activity.IsWaiting && activity.ProcessorTime == TimeSpan.Zero); // it waits for this and that while it ends
    }

    [Fact]
    public void A_turn_that_sleeps_has_waited()
    {
        var before = ThreadUsage.Now();
        Thread.Sleep(60);
        Assert.Equal(TurnKind.Waited, before.KindOfTurn(TimeSpan.FromMilliseconds(50))); // compiling takes less
    }

    [Fact]
    public void What_a_thread_has_computed_before_is_not_the_turns()
    {
        TurnKind Turn()
        {
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(3);)
            {
                Thread.SpinWait(100);
            }

            var before = ThreadUsage.Now();
            Thread.Sleep(4);
            return before.KindOfTurn(TimeSpan.FromMilliseconds(2));
        }

        Turn(); // compiles
        int[] kinds = [.. Enumerable.Range(0, 50).Select(_ => (int)Turn()).Order()];
        Assert.Equal((int)TurnKind.Waited, kinds[kinds.Length / 2]);
        Assert.InRange(kinds.Count(kind => kind == (int)TurnKind.Computed), 0, 3); // the system's, where it interrupts a turn
    }

    [Fact]
    public void A_turn_that_computes_for_a_bound_has_computed()
    {
        using var activity = ThreadActivity.OfCurrentThread();
        var before = ThreadUsage.Now();
        TimeSpan start = activity.ProcessorTime;
        while (activity.ProcessorTime - start < 2 * s_bound)
        {
            Thread.SpinWait(1_000);
        }

        Assert.Equal(TurnKind.Computed, before.KindOfTurn(s_bound));
    }

    [Fact]
    public void A_turn_that_is_over_within_the_bound_is_quick()
    {
        var before = ThreadUsage.Now();
        Thread.Sleep(2);
        Assert.Equal(TurnKind.Quick, before.KindOfTurn(TimeSpan.FromHours(1)));
    }

    private static void Spin(ref bool ends)
    {
        while (!Volatile.Read(ref ends))
        {
            Thread.SpinWait(1_000);
        }
    }

    private static async Task<(ThreadActivity Activity, Task Ended)> Start(Action work)
    {
        var activity = new TaskCompletionSource<ThreadActivity>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            activity.SetResult(ThreadActivity.OfCurrentThread());
            work();
            ended.SetResult();
        })
        {
            IsBackground = true,
        };
        thread.Start();
        return (await activity.Task.Soon(), ended.Task);
    }
}
