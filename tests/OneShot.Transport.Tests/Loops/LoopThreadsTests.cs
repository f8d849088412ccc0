using OneShot.Transport.Loops;
using OneShot.Transport.Native;
using OneShot.Transport.Tests.Faults;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Loops;

[Collection(OneAtATime.Name)]
public sealed class LoopThreadsTests
{
    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(0, 4, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 4, 4)]
    [InlineData(16, 2, 17)]
    public void Every_loop_that_was_promised_a_spare_gets_one(int mostSpares, int loops, int mostThreads)
    {
        var threads = new LoopThreads(mostSpares, loops, Timeout.InfiniteTimeSpan);
        Assert.Equal(mostSpares > 0, threads.HasSpare);
        var reserved = new List<LoopThread>();
        while (threads.TryReserve() is { } thread)
        {
            reserved.Add(thread);
            Assert.Equal(reserved.Count < mostSpares, threads.HasSpare);
        }

        Assert.Equal(mostThreads, reserved.Count);
        Assert.Equal(mostThreads, threads.Spares);
        reserved.ForEach(threads.Park);
        Assert.Equal(mostSpares > 0, threads.HasSpare);
        Assert.Equal(mostThreads, threads.Spares);
        threads.Stop();
    }

    [Fact]
    public async Task Handlers_that_block_are_waited_for_while_the_system_has_no_thread()
    {
        await using TransportServer server = await TransportServer.StartAsync(idleOfSpares: TimeSpan.FromMilliseconds(20));
        var holder = new Holder();
        await using var service = new EchoService(server, holder.Handle);
        using Holder last = holder; // let go before the service waits for its connections
        using EchoClient held = await EchoClient.ConnectAsync(server);
        using EchoClient other = await EchoClient.ConnectAsync(server);
        Assert.Equal(1, await held.AskAsync(1));
        Assert.Equal(2, await other.AskAsync(2));
        await Limit.Until(() => server.Threads.Spares == 0); // a loop of a busy machine may have been taken before
        long takes = server.Loops[0].Takes;
        Task holding;
        using (var plan = new NoThreads())
        {
            plan.Begin();
            holding = await holder.HoldAsync(held);
            await Limit.Until(() => plan.Refused >= 3);
            await Limit.Until(() => server.Threads.Spares == 0); // one that is about to be refused counts for a moment
            Assert.Equal(takes, server.Loops[0].Takes);
        }

        Assert.Equal(5, await other.AskAsync(5)); // there is one now
        Assert.True(server.Loops[0].Takes > takes);
        holder.LetGo();
        await holding.Soon();
    }

    private sealed class NoThreads : FaultPlan
    {
        private int _refused;

        public int Refused => Volatile.Read(ref _refused);

        public override int Decide(SystemCall call, ref nuint length)
        {
            if (call != SystemCall.StartThread)
            {
                return 0;
            }

            Interlocked.Increment(ref _refused);
            return Errno.Again;
        }
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(2, 2, 0)]
    [InlineData(16, 4, 12)]
    public async Task Turns_are_given_all_spares_but_one_for_each_loop(int mostSpares, int loops, int mostTurns)
    {
        var threads = new LoopThreads(mostSpares, loops, LoopThreads.DefaultIdle);
        using var gate = new ManualResetEventSlim();
        var turns = new List<Turn>();
        while (new Turn(gate) is var turn && threads.TryGive(turn))
        {
            turns.Add(turn);
        }

        Assert.Equal(mostTurns, turns.Count);
        Assert.Equal(mostTurns, threads.Spares);
        var promised = new List<LoopThread>();
        for (int loop = 0; loop < Math.Min(loops, mostSpares); loop++)
        {
            Assert.True(threads.HasSpare);
            LoopThread reserved = threads.TryReserve()!;
            Assert.NotNull(reserved);
            promised.Add(reserved);
            Assert.False(threads.TryGive(new Turn(gate))); // nor does a loop that was taken make room for one
        }

        gate.Set();
        await Task.WhenAll(turns.Select(turn => turn.Ended.Task)).Soon();
        promised.ForEach(threads.Park);
        threads.Stop();
    }

    [Fact]
    public async Task A_spare_whose_turn_is_over_runs_another_one()
    {
        var threads = new LoopThreads(mostSpares: 2, loops: 1, Timeout.InfiniteTimeSpan);
        using var gate = new ManualResetEventSlim(initialState: true);
        for (int round = 0; round < 100; round++)
        {
            var turn = new Turn(gate);
            await Limit.Until(() => threads.TryGive(turn));
            await turn.Ended.Task.Soon();
            Assert.Equal(1, threads.Spares);
        }

        threads.Stop();
        Assert.False(threads.TryGive(new Turn(gate)));
    }

    private sealed class Turn(ManualResetEventSlim gate) : IThreadPoolWorkItem
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Execute()
        {
            gate.Wait();
            Ended.SetResult();
        }
    }
}
