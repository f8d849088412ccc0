namespace OneShot.Transport.Loops;

/// <summary>
/// Whether a loop lets the thread pool have turns of its connections. Worth a hop where handlers compute, the loop has no rest, and there is
/// a processor that nobody uses. Nothing tells of the last one but a trial: so much is served by the loop alone, so much by both.
/// </summary>
/// <remarks>
/// <code>
///           | BatchesBetween | a look ends: no rest, turns take | it ends     | a trial ends: Gain | it ends | the hold
///           | have passed    | least, and the hold is over      | otherwise   | times the turns    | so not  | is over
/// Alone     | Looking        | -                                | -           | -                  | -       | -
/// Looking   | -              | Trying                           | Alone       | -                  | -       | -
/// Trying    | -              | -                                | -           | Sharing            | Alone   | -
/// Sharing   | -              | -                                | -           | -                  | -       | Trying
/// </code>
/// <para>A trial that ends as the one before is held to for twice as long, up to <see cref="LongestHold"/>, so that trials cost a hundredth at most.</para>
/// <para>The loop's owner has it; <see cref="IsOn"/> may be read by anybody.</para>
/// </remarks>
/// <param name="least">What a turn takes, on average and on the wall clock, from which on a trial is worth while.</param>
internal struct WorkSharing(TimeSpan least)
{
    /// <summary>Batches that go by without being timed.</summary>
    public const int BatchesBetween = 256;

    /// <summary>Batches that are timed in a look.</summary>
    public const int BatchesOfLook = 16;

    /// <summary>Spans of a trial: alone and shared, in turn.</summary>
    public const int Spans = 8;

    /// <summary>So many times the turns, by the same time, make sharing worth its processor time.</summary>
    public const double Gain = 1.15;

    /// <summary>Of the time, in a look, that the loop is at work where it has no rest.</summary>
    public const double Busy = 0.8;

    /// <summary>How long a loop serves in one way within a trial.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the first trial's outcome stands.</summary>
    public static readonly TimeSpan ShortestHold = TimeSpan.FromSeconds(1);

    /// <summary>How long any trial's outcome stands.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(16);

    private volatile WorkSharingState _state;
    private int _left; // batches until a look, batches of the look, or spans of the trial
    private long _turns; // of the look, or of the span
    private TimeSpan _from; // where the look, or the span, began
    private TimeSpan _atWork; // in the look
    private TimeSpan _hold;
    private TimeSpan _until; // the hold
    private bool _wasWorthIt; // at the last trial
    private (long Turns, TimeSpan Time) _alone;
    private (long Turns, TimeSpan Time) _shared;

    public readonly WorkSharingState State => _state;

    /// <summary>Turns go to the thread pool, as far as that has threads for them.</summary>
    public readonly bool IsOn => _state is WorkSharingState.Sharing || (_state is WorkSharingState.Trying && IsSharedSpan);

    /// <summary>The loop is to tell when its batches begin and end.</summary>
    public readonly bool IsTimed => _state != WorkSharingState.Alone;

    private readonly bool IsSharedSpan => (_left & 1) != 0;

    /// <summary>A batch was served, and not timed.</summary>
    public void OnBatch()
    {
        if (++_left >= BatchesBetween)
        {
            (_state, _left, _turns, _atWork) = (WorkSharingState.Looking, BatchesOfLook, 0, default);
        }
    }

    /// <summary>A batch was served.</summary>
    /// <param name="turns">Events in it.</param>
    /// <param name="began">When they were there, on any clock that goes on.</param>
    /// <param name="ended">When all were served, or given away.</param>
    public void OnBatch(int turns, TimeSpan began, TimeSpan ended)
    {
        switch (_state)
        {
            case WorkSharingState.Looking:
                Look(turns, began, ended);
                break;
            case WorkSharingState.Trying:
                Try(turns, ended);
                break;
            case WorkSharingState.Sharing when ended >= _until:
                BeginTrial(ended);
                break;
        }
    }

    private void Look(int turns, TimeSpan began, TimeSpan ended)
    {
        if (_left == BatchesOfLook)
        {
            _from = began;
        }

        _turns += turns;
        _atWork += ended - began;
        if (--_left > 0)
        {
            return;
        }

        if (ended >= _until && _atWork >= Busy * (ended - _from) && _atWork >= _turns * least)
        {
            BeginTrial(ended);
        }
        else
        {
            (_state, _left) = (WorkSharingState.Alone, 0);
        }
    }

    private void BeginTrial(TimeSpan now) =>
        (_state, _left, _turns, _from, _alone, _shared) = (WorkSharingState.Trying, Spans, 0, now, default, default);

    private void Try(int turns, TimeSpan now)
    {
        _turns += turns;
        TimeSpan time = now - _from;
        if (time < Span)
        {
            return;
        }

        ref (long Turns, TimeSpan Time) sum = ref IsSharedSpan ? ref _shared : ref _alone;
        sum = (sum.Turns + _turns, sum.Time + time);
        (_turns, _from) = (0, now);
        if (--_left > 0)
        {
            return;
        }

        bool isWorthIt = _shared.Turns > 0 && _shared.Turns / _shared.Time.TotalSeconds >= Gain * (_alone.Turns / _alone.Time.TotalSeconds);
        bool isAsBefore = isWorthIt == _wasWorthIt;
        _wasWorthIt = isWorthIt;
        _hold = isAsBefore && _hold > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(2 * _hold.Ticks, LongestHold.Ticks)) : ShortestHold;
        _until = now + _hold;
        (_state, _left) = (isWorthIt ? WorkSharingState.Sharing : WorkSharingState.Alone, 0);
    }
}

/// <summary>What a loop does about turns that wait behind others.</summary>
internal enum WorkSharingState
{
    /// <summary>It runs them itself, one after the other.</summary>
    Alone,

    /// <summary>So too, and sees whether it has no rest.</summary>
    Looking,

    /// <summary>In one way and the other, in turn, to see which serves more.</summary>
    Trying,

    /// <summary>The thread pool has them, as far as it has threads for them, and the loop the rest.</summary>
    Sharing,
}
