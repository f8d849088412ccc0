using OneShot.Transport.Connections;

namespace OneShot.Transport.Tests.Connections;

public sealed class ReadSignalTests
{
    private const int Idle = (int)ReadSignalState.Idle;
    private const int Waiting = (int)ReadSignalState.Waiting;
    private const int Signalled = (int)ReadSignalState.Signalled;

    [Theory]
    [InlineData(Idle, nameof(ReadSignal.TryWait), true, Waiting)]
    [InlineData(Signalled, nameof(ReadSignal.TryWait), false, Idle)]
    [InlineData(Idle, nameof(ReadSignal.Signal), false, Signalled)]
    [InlineData(Waiting, nameof(ReadSignal.Signal), true, Idle)]
    [InlineData(Signalled, nameof(ReadSignal.Signal), false, Signalled)]
    [InlineData(Idle, nameof(ReadSignal.TryTake), false, Idle)]
    [InlineData(Waiting, nameof(ReadSignal.TryTake), true, Idle)]
    [InlineData(Signalled, nameof(ReadSignal.TryTake), false, Signalled)]
    public void Every_call_in_every_state(int from, string call, bool answer, int to)
    {
        ReadSignal signal = In((ReadSignalState)from);
        Assert.Equal((ReadSignalState)from, signal.State);

        bool answered = call switch
        {
            nameof(ReadSignal.TryWait) => signal.TryWait(),
            nameof(ReadSignal.Signal) => signal.Signal(),
            _ => signal.TryTake(),
        };

        Assert.Equal(answer, answered);
        Assert.Equal((ReadSignalState)to, signal.State);
    }

    [Fact]
    public async Task Of_those_who_take_a_waiting_back_one_does()
    {
        var shared = new Shared();
        for (int round = 0; round < 5_000; round++)
        {
            Assert.True(shared.Signal.TryWait());
            Task<bool>[] takers = [Task.Run(() => shared.Signal.Signal()), Task.Run(() => shared.Signal.TryTake()), Task.Run(() => shared.Signal.TryTake())];
            bool[] taken = await Task.WhenAll(takers);
            Assert.Equal(1, taken.Count(static one => one));
            if (shared.Signal.State == ReadSignalState.Signalled)
            {
                Assert.False(shared.Signal.TryWait());
            }

            Assert.Equal(ReadSignalState.Idle, shared.Signal.State);
        }
    }

    private static ReadSignal In(ReadSignalState state)
    {
        var signal = default(ReadSignal);
        if (state == ReadSignalState.Waiting)
        {
            signal.TryWait();
        }
        else if (state == ReadSignalState.Signalled)
        {
            signal.Signal();
        }

        return signal;
    }

    private sealed class Shared
    {
        public ReadSignal Signal;
    }
}
