using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

public sealed class DrainPermitTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ManualClock _clock = new();
    private readonly RecordingLog _log = new();
    private readonly ScriptedGate _gate = new();
    private DrainPermit? _permit;

    public void Dispose() => _permit?.Dispose();

    [Fact]
    public void Without_a_gate_and_a_time_it_is_always_open()
    {
        DrainPermit permit = Permit(gate: null);
        Assert.True(permit.IsOpen);
        permit.Sample(isWanted: true);
        Assert.True(permit.IsOpen);
        permit.Sample(isWanted: false);
        Assert.True(permit.IsOpen);
    }

    [Fact]
    public void It_opens_after_the_process_s_own_share_of_the_time_and_shuts_when_nobody_wants_to_drain()
    {
        DrainPermit permit = Permit(gate: null, draw: 0.5, jitter: TimeSpan.FromSeconds(20));
        Assert.False(permit.IsOpen);
        _clock.Advance(TimeSpan.FromHours(1)); // nobody wants to
        permit.Sample(isWanted: true);
        Assert.False(permit.IsOpen);
        _clock.Advance(TimeSpan.FromSeconds(9));
        permit.Sample(isWanted: true);
        Assert.False(permit.IsOpen);
        _clock.Advance(TimeSpan.FromSeconds(1));
        permit.Sample(isWanted: true);
        Assert.True(permit.IsOpen);

        permit.Sample(isWanted: false);
        Assert.False(permit.IsOpen);
        permit.Sample(isWanted: true);
        Assert.False(permit.IsOpen);
    }

    [Fact]
    public void A_gate_is_asked_once_a_second_until_it_says_yes()
    {
        DrainPermit permit = Permit(_gate);
        permit.Sample(isWanted: false);
        Assert.Equal(0, _gate.Questions);
        Ask(permit, seconds: 6);
        Assert.False(permit.IsOpen);
        Assert.InRange(_gate.Questions, 2, 6);
        int questions = _gate.Questions;
        for (int i = 0; i < 100; i++)
        {
            permit.Sample(isWanted: true); // at the same moment
        }

        Assert.InRange(_gate.Questions - questions, 0, 1);
        Assert.Single(_log.Entries, log => log.Event.Id == 1416);
        _gate.Answer = true;
        Ask(permit, seconds: 4);
        Assert.True(permit.IsOpen);
        questions = _gate.Questions;
        Ask(permit, seconds: 3);
        Assert.Equal(questions, _gate.Questions);
        Assert.Equal(0, _gate.Left);
    }

    // The samples hold the monitor's lock: who blocks in the gate must not block them.
    [Fact]
    public void A_gate_that_blocks_keeps_no_sample()
    {
        using ManualResetEventSlim go = new();
        _gate.Blocks = go;
        DrainPermit permit = Permit(_gate);
        permit.Sample(isWanted: true);
        permit.Sample(isWanted: true);
        Assert.False(permit.IsOpen);
        _gate.Answer = true;
        go.Set();
        Open(permit);
    }

    // Or the late answer of the first would give back what the second has got.
    [Fact]
    public void It_asks_anew_only_when_the_answer_before_it_is_given_back()
    {
        TaskCompletionSource<bool> late = new();
        _gate.Pending = late.Task;
        DrainPermit permit = Permit(_gate);
        permit.Sample(isWanted: true);
        Assert.True(SpinWait.SpinUntil(() => _gate.Questions == 1, s_patience));
        permit.Sample(isWanted: false);
        for (int i = 0; i < 10; i++)
        {
            permit.Sample(isWanted: true);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((1, 0), (_gate.Questions, _gate.Left));
        late.SetResult(true);
        Open(permit);
        Assert.Equal((2, 1), (_gate.Questions, _gate.Left));
    }

    [Fact]
    public void A_gate_is_asked_after_the_time_not_before()
    {
        DrainPermit permit = Permit(_gate, draw: 1, jitter: TimeSpan.FromSeconds(5));
        Ask(permit, seconds: 4);
        Assert.Equal(0, _gate.Questions);
        Ask(permit, seconds: 3);
        Assert.NotEqual(0, _gate.Questions);
    }

    [Fact]
    public void It_asks_nothing_while_an_answer_is_out()
    {
        TaskCompletionSource<bool> answer = new();
        _gate.Pending = answer.Task;
        DrainPermit permit = Permit(_gate);
        Ask(permit, seconds: 30);
        Assert.Equal(1, _gate.Questions);
        answer.SetResult(true);
        Open(permit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_gate_that_fails_keeps_nobody(bool atOnce)
    {
        _gate.Pending = Task.FromException<bool>(new TimeoutException());
        _gate.ThrowsAtOnce = atOnce;
        DrainPermit permit = Permit(_gate);
        Open(permit);
        Assert.Single(_log.Entries, log => log.Event.Id == 1417 && log.Level == LogLevel.Error);
    }

    [Fact]
    public void It_leaves_the_gate_when_the_process_goes_on_after_all()
    {
        _gate.Answer = true;
        DrainPermit permit = Permit(_gate);
        Open(permit);
        permit.Sample(isWanted: false);
        Assert.False(permit.IsOpen);
        Assert.True(SpinWait.SpinUntil(() => _gate.Left == 1, s_patience));
        permit.Sample(isWanted: false);
        Assert.Equal(1, _gate.Left);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void An_answer_that_comes_too_late_is_given_back_if_it_was_a_yes(bool answer, int left)
    {
        TaskCompletionSource<bool> late = new();
        _gate.Pending = late.Task;
        DrainPermit permit = Permit(_gate);
        permit.Sample(isWanted: true);
        Assert.True(SpinWait.SpinUntil(() => _gate.Questions == 1, s_patience));
        permit.Sample(isWanted: false);
        Assert.Equal(0, _gate.Left);
        late.SetResult(answer);
        Assert.True(SpinWait.SpinUntil(() => _gate.Left == left, s_patience));
        Assert.False(permit.IsOpen);
    }

    [Fact]
    public void A_question_is_given_up_when_the_host_stops()
    {
        _gate.Pending = new TaskCompletionSource<bool>().Task;
        DrainPermit permit = Permit(_gate);
        permit.Sample(isWanted: true);
        Assert.True(SpinWait.SpinUntil(() => _gate.Questions == 1, s_patience));
        permit.Dispose();
        _permit = null;
        Assert.True(_gate.Token.IsCancellationRequested);
    }

    private DrainPermit Permit(IRestartGate? gate, double draw = 0, TimeSpan jitter = default)
    {
        _permit = new DrainPermit(gate, draw, _clock, _log.CreateLogger("test"));
        _permit.Apply(jitter);
        return _permit;
    }

    /// <summary>Samples, a second apart; each waits for the answer to a question that is out, as long as one comes.</summary>
    private void Ask(DrainPermit permit, int seconds)
    {
        for (int second = 0; second < seconds; second++)
        {
            permit.Sample(isWanted: true);
            Assert.True(SpinWait.SpinUntil(() => !permit.IsAsking || _gate is { Questions: > 0, Pending.IsCompleted: false }, s_patience));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Samples until it is open, at the same time.</summary>
    private static void Open(DrainPermit permit) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            permit.Sample(isWanted: true);
            return permit.IsOpen;
        },
        s_patience));
}
