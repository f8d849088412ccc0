using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Loops;

/// <summary>The states by their table, and a loop in a model: turns that take so long, a hop that costs so much, and processors that are free or not.</summary>
public sealed class WorkSharingTests
{
    private static readonly TimeSpan s_least = TimeSpan.FromMicroseconds(16);

    private TimeSpan _now = TimeSpan.FromHours(1);
    private long _served;
    private WorkSharing _sharing = new(s_least);

    [Fact]
    public void It_looks_now_and_then()
    {
        for (int events = 1; events < WorkSharing.EventsBetween; events++)
        {
            _sharing.OnBatch(events: 1);
            Assert.Equal(WorkSharingState.Alone, _sharing.State);
        }

        _sharing.OnBatch(events: 1);
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
    public void Events_that_serve_nobody_are_no_turns()
    {
        while (_sharing.State is WorkSharingState.Alone or WorkSharingState.Looking)
        {
            Batch(turns: 0, TimeSpan.FromMilliseconds(1), rest: TimeSpan.Zero);
            if (_now > TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1))
            {
                return; // looked more than once
            }
        }

        Assert.Fail("It tries what it serves nobody by.");
    }

    [Fact]
    public void A_trial_is_one_way_and_the_other_in_turn()
    {
        Look(s_least, TimeSpan.Zero);
        for (int span = 0; span < 2 * WorkSharing.Pairs; span++)
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

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)] // two spans of luck are none
    public void It_shares_what_is_served_better_again_and_again(int won, bool shares)
    {
        Look(s_least, TimeSpan.Zero);
        for (int pair = 0; pair < WorkSharing.Pairs; pair++)
        {
            Batch(turns: 100, WorkSharing.Span, rest: TimeSpan.Zero);
            Batch(turns: pair < won ? 200 : 100, WorkSharing.Span, rest: TimeSpan.Zero);
        }

        Assert.Equal(shares ? WorkSharingState.Sharing : WorkSharingState.Alone, _sharing.State);
    }

    /// <summary>In each span of a trial: nobody asks for a while, or the machine stands still.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void A_trial_in_which_nothing_happens_shows_nothing(int span)
    {
        Look(s_least, TimeSpan.Zero);
        for (int i = 0; i < span; i++)
        {
            Batch(turns: i % 2 == 1 ? 200 : 100, WorkSharing.Span, rest: TimeSpan.Zero);
        }

        Assert.Equal(WorkSharingState.Trying, _sharing.State);
        Batch(turns: 1, atWork: TimeSpan.FromMicroseconds(20), rest: TimeSpan.FromMinutes(5));

        Assert.Equal(WorkSharingState.Alone, _sharing.State);
    }

    /// <summary>A load that goes: when the hold is over, so is the sharing.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(100)]
    public void A_loop_that_has_rest_again_goes_on_alone(int millisecondsBetween)
    {
        Look(s_least, TimeSpan.Zero);
        Trial(alone: 1, shared: 2);
        Assert.Equal(WorkSharingState.Sharing, _sharing.State);
        TimeSpan end = _now + TimeSpan.FromSeconds(60);
        var random = new Random(1);
        TimeSpan shared = default;
        while (_now < end)
        {
            TimeSpan began = _now;
            bool isOn = _sharing.IsOn;
            Batch(turns: 1, atWork: TimeSpan.FromMicroseconds(50), rest: TimeSpan.FromMilliseconds(-Math.Log(random.NextDouble()) * millisecondsBetween));
            shared += isOn ? _now - began : default;
        }

        Assert.InRange(shared, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Nothing_is_the_least_for_one_that_always_shares()
    {
        _sharing = new WorkSharing(TimeSpan.Zero);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(_sharing.IsOn);
            Batch(turns: 0, atWork: TimeSpan.Zero, rest: TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public void Any_least_may_be_asked_for()
    {
        _sharing = new WorkSharing(TimeSpan.MaxValue);
        Look(TimeSpan.FromMinutes(1), TimeSpan.Zero);
        Assert.Equal(WorkSharingState.Alone, _sharing.State);
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
    [InlineData(900, 1, 0.9, 1)]
    [InlineData(100, 0, 0, 0.01)] // the client has it
    [InlineData(20, 0, 0, 0.01)]
    [InlineData(900, 0, 0, 0.02)]
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
        _served += turns;
        if (_sharing.IsTimed)
        {
            _sharing.OnBatch(_served, began, _now);
        }
        else
        {
            _sharing.OnBatch(Math.Max(turns, 1));
        }
    }
}
