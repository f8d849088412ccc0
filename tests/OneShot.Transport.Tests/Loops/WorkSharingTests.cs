using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Loops;

/// <summary>The states by their table, and a loop in a model: turns that take so long, a hop that costs so much, and processors that are free or not.</summary>
public sealed class WorkSharingTests
{
    private static readonly TimeSpan s_least = TimeSpan.FromMicroseconds(16);

    private TimeSpan _now = TimeSpan.FromHours(1);
    private WorkSharing _sharing = new(s_least);

    [Fact]
    public void It_looks_now_and_then()
    {
        for (int batch = 1; batch < WorkSharing.BatchesBetween; batch++)
        {
            _sharing.OnBatch();
            Assert.Equal(WorkSharingState.Alone, _sharing.State);
        }

        _sharing.OnBatch();
        Assert.Equal(WorkSharingState.Looking, _sharing.State);
        Assert.True(_sharing.IsTimed);
        Assert.False(_sharing.IsOn);
    }

    [Theory]
    [InlineData(16, 0, true)]
    [InlineData(16, 4, true)] // a fifth of the time
    [InlineData(16, 5, false)] // it has rest
    [InlineData(15, 0, false)] // turns are cheap
    public void It_tries_where_it_has_no_rest_and_turns_cost(int turn, int rest, bool tries)
    {
        Look(TimeSpan.FromMicroseconds(turn), TimeSpan.FromMicroseconds(rest));
        Assert.Equal(tries ? WorkSharingState.Trying : WorkSharingState.Alone, _sharing.State);
    }

    [Fact]
    public void A_trial_is_one_way_and_the_other_in_turn()
    {
        Look(s_least, TimeSpan.Zero);
        for (int span = 0; span < WorkSharing.Spans; span++)
        {
            Assert.Equal(WorkSharingState.Trying, _sharing.State);
            Assert.Equal(span % 2 == 1, _sharing.IsOn);
            Batch(turns: 1, atWork: WorkSharing.Span / 2, rest: TimeSpan.Zero);
            Assert.Equal(span % 2 == 1, _sharing.IsOn);
            Batch(turns: 1, atWork: WorkSharing.Span / 2, rest: TimeSpan.Zero);
        }

        Assert.NotEqual(WorkSharingState.Trying, _sharing.State);
    }

    [Theory]
    [InlineData(100, 116, true)]
    [InlineData(100, 114, false)]
    [InlineData(100, 50, false)]
    [InlineData(0, 0, false)] // nobody has asked
    public void It_shares_what_is_served_better_so(int alone, int shared, bool shares)
    {
        Look(s_least, TimeSpan.Zero);
        Trial(alone, shared);
        Assert.Equal(shares ? WorkSharingState.Sharing : WorkSharingState.Alone, _sharing.State);
        Assert.Equal(shares, _sharing.IsOn);
    }

    [Fact]
    public void An_outcome_stands_for_longer_each_time_it_comes_again()
    {
        Look(s_least, TimeSpan.Zero);
        Trial(alone: 1, shared: 2);
        foreach (int seconds in (int[])[1, 2, 4, 8, 16, 16])
        {
            _now += TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1);
            Batch(turns: 1, atWork: TimeSpan.Zero, rest: TimeSpan.Zero);
            Assert.Equal(WorkSharingState.Sharing, _sharing.State);
            Batch(turns: 1, atWork: TimeSpan.FromMilliseconds(1), rest: TimeSpan.Zero);
            Assert.Equal(WorkSharingState.Trying, _sharing.State);
            Trial(alone: 1, shared: 2);
        }
    }

    [Fact]
    public void Behind_another_outcome_it_is_tried_again_soon()
    {
        Look(s_least, TimeSpan.Zero);
        Trial(alone: 1, shared: 2);
        for (int i = 0; i < 10; i++)
        {
            _now += WorkSharing.LongestHold;
            Batch(turns: 1, atWork: TimeSpan.Zero, rest: TimeSpan.Zero);
            Trial(alone: 1, shared: 2);
        }

        _now += WorkSharing.LongestHold;
        Batch(turns: 1, atWork: TimeSpan.Zero, rest: TimeSpan.Zero);
        Trial(alone: 2, shared: 1);
        Assert.Equal(WorkSharingState.Alone, _sharing.State);
        Look(s_least, TimeSpan.Zero);
        Assert.Equal(WorkSharingState.Alone, _sharing.State); // not yet
        _now += WorkSharing.ShortestHold;
        Look(s_least, TimeSpan.Zero);
        Assert.Equal(WorkSharingState.Trying, _sharing.State);
    }

    /// <summary>A minute of connections that ask again when they have their answer.</summary>
    [Theory]
    [InlineData(100, 1, 0.9, 1)] // a second processor is free
    [InlineData(20, 1, 0.9, 1)]
    [InlineData(100, 0, 0, 0.01)] // the client has it
    [InlineData(20, 0, 0, 0.01)]
    [InlineData(8, 1, 0, 0)] // too cheap to be tried
    public void It_finds_out_whether_processors_are_free(int turn, int freeProcessors, double least, double most)
    {
        const double Hop = 6;
        TimeSpan shared = default;
        TimeSpan end = _now + TimeSpan.FromMinutes(1);
        while (_now < end)
        {
            bool isOn = _sharing.IsOn;
            TimeSpan began = _now;
            double cost = isOn ? (turn + Hop) / (1 + freeProcessors) : turn;
            Batch(turns: 32, TimeSpan.FromMicroseconds(32 * cost), TimeSpan.FromMicroseconds(1));
            shared += isOn ? _now - began : default;
        }

        Assert.InRange(shared / TimeSpan.FromMinutes(1), least, most);
    }

    /// <summary>All batches until the next look is over.</summary>
    private void Look(TimeSpan turn, TimeSpan rest)
    {
        while (_sharing.State == WorkSharingState.Alone)
        {
            Batch(turns: 1, turn, rest);
        }

        while (_sharing.State == WorkSharingState.Looking)
        {
            Batch(turns: 1, turn, rest);
        }
    }

    private void Trial(int alone, int shared)
    {
        while (_sharing.State == WorkSharingState.Trying)
        {
            Batch(_sharing.IsOn ? shared : alone, WorkSharing.Span, rest: TimeSpan.Zero);
        }
    }

    private void Batch(int turns, TimeSpan atWork, TimeSpan rest)
    {
        _now += rest;
        TimeSpan began = _now;
        _now += atWork;
        if (_sharing.IsTimed)
        {
            _sharing.OnBatch(turns, began, _now);
        }
        else
        {
            _sharing.OnBatch();
        }
    }
}
