using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Loops;

public sealed class LoopOwnershipTests
{
    [Fact]
    public void Its_owner_goes_out_and_comes_back()
    {
        var ownership = default(LoopOwnership);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(LoopState.Running, LoopOwnership.StateOf(ownership.Word));
            long turn = ownership.Enter();
            Assert.Equal(LoopState.CalledOut, LoopOwnership.StateOf(ownership.Word));
            Assert.True(ownership.Leave(turn));
        }
    }

    [Fact]
    public void A_loop_is_taken_once_and_only_in_the_call_out_that_was_seen()
    {
        var ownership = default(LoopOwnership);
        long first = ownership.Enter();
        long seen = ownership.Word;
        Assert.True(ownership.Leave(first));
        Assert.False(ownership.TryTake(seen)); // running

        long second = ownership.Enter();
        Assert.NotEqual(seen, ownership.Word);
        Assert.False(ownership.TryTake(seen)); // another call-out
        seen = ownership.Word;
        Assert.True(ownership.TryTake(seen));
        Assert.Equal(LoopState.Running, LoopOwnership.StateOf(ownership.Word));
        Assert.False(ownership.TryTake(seen));
        Assert.False(ownership.Leave(second));
    }

    [Fact]
    public void Who_was_taken_does_not_take_the_next_ones_turn_for_his_own()
    {
        var ownership = default(LoopOwnership);
        long lost = ownership.Enter();
        Assert.True(ownership.TryTake(ownership.Word));

        long next = ownership.Enter();
        Assert.NotEqual(lost, next);
        Assert.False(ownership.Leave(lost));
        Assert.Equal(LoopState.CalledOut, LoopOwnership.StateOf(ownership.Word));
        Assert.True(ownership.Leave(next));
        Assert.False(ownership.Leave(lost));
    }

    [Fact]
    public async Task Of_owner_and_taker_one_has_the_loop()
    {
        var loop = new Owned();
        for (int round = 0; round < 20_000; round++)
        {
            long turn = loop.Ownership.Enter();
            long word = loop.Ownership.Word;
            bool isTaken = false;
            if (round % 2 == 0)
            {
                Task<bool> taking = Task.Run(() => loop.Ownership.TryTake(word));
                bool isLeft = loop.Ownership.Leave(turn);
                isTaken = await taking;
                Assert.NotEqual(isLeft, isTaken);
            }
            else
            {
                Assert.True(loop.Ownership.Leave(turn));
            }

            Assert.Equal(LoopState.Running, LoopOwnership.StateOf(loop.Ownership.Word));
        }
    }

    private sealed class Owned
    {
        public LoopOwnership Ownership;
    }
}
