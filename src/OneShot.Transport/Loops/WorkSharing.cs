namespace OneShot.Transport.Loops;

/// <summary>
/// Whether a loop lets the thread pool have turns of its connections. Worth a hop where handlers compute, the loop has no rest, and there is
/// a processor that nobody uses. Nothing tells of the last one but a trial: so much is served by the loop alone, so much by both.
/// </summary>
/// <remarks>
/// <code>
///           | EventsBetween  | a look ends: no rest, turns take | it ends     | in a trial, it has rest alone, | the trial ends:  | it ends | the hold
///           | have passed    | least, and the hold is over      | otherwise   | or a span has lasted too long  | it is worth it   | so not  | is over
/// Alone     | Looking        | -                                | -           | -                              | -                | -       | -
/// Looking   | -              | Trying                           | Alone       | -                              | -                | -       | -
/// Trying    | -              | -                                | -           | Alone                          | Sharing          | Alone   | -
/// Sharing   | -              | -                                | -           | -                              | -                | -       | Trying
/// </code>
/// <para>Worth it: <see cref="Gain"/> times the turns by the same time, and more of them in three pairs of spans out of four.</para>
/// <para>An outcome is held to for twice as long each time that it comes again, up to <see cref="LongestHold"/>.</para>
/// <para>The loop's owner has it; <see cref="IsOn"/> may be read by anybody.</para>
/// </remarks>
internal struct WorkSharing
{
    /// <summary>Events that go by without being timed.</summary>
    public const int EventsBetween = 256;

    /// <summary>Batches that are timed in a look.</summary>
    public const int BatchesOfLook = 16;

    /// <summary>Pairs of spans, alone and shared, in a trial.</summary>
    public const int Pairs = 4;

    /// <summary>So many times the turns, by the same time, make sharing worth its processor time.</summary>
    public const double Gain = 1.15;

    /// <summary>Of the time that the loop is at work where it has no rest.</summary>
    public const double Busy = 0.8;

    /// <summary>How long a loop serves in one way within a trial.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMilliseconds(20);

    /// <summary>Beyond this a span has no say: the machine was paused, or nobody has asked.</summary>
    public static readonly TimeSpan LongestSpan = 3 * Span;

    /// <summary>How long the first trial's outcome stands.</summary>
    public static readonly TimeSpan ShortestHold = TimeSpan.FromSeconds(1);

    /// <summary>How long any trial's outcome stands.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(16);

    private readonly TimeSpan _least;
    private volatile WorkSharingState _state;
    private volatile bool _isSharedSpan; // of a trial
    private int _events; // since the last look
    private int _batches; // of the look
    private int _pairs; // of the trial
    private int _won; // of these
    private TimeSpan _from; // where the look, or the span, began
    private TimeSpan _atWork; // since then
    private long _servedBefore; // when it began
    private Served _alone;
    private Served _shared;
    private double _pairAlone; // turns a second
    private TimeSpan _hold;
    private TimeSpan _until; // the hold
    private bool _wasWorthIt; // at the last trial

    /// <param name="least">What a turn takes, on average and on the wall clock, from which on a trial is worth while. Zero for no trial: it shares, always.</param>
    public WorkSharing(TimeSpan least)
    {
        _least = least;
        if (least == TimeSpan.Zero)
        {
            (_state, _until) = (WorkSharingState.Sharing, TimeSpan.MaxValue);
        }
    }

    public readonly WorkSharingState State => _state;

    /// <summary>Turns go to the thread pool, as far as that begins them at once.</summary>
    public readonly bool IsOn => _state == WorkSharingState.Sharing || (_state == WorkSharingState.Trying && _isSharedSpan);

    /// <summary>The loop is to tell when its batches begin and end.</summary>
    public readonly bool IsTimed => _state != WorkSharingState.Alone;

    /// <summary>A batch of so many events is over that was not timed.</summary>
    public void OnBatch(int events)
    {
        _events += events;
        if (_events >= EventsBetween)
        {
            (_state, _events, _batches) = (WorkSharingState.Looking, 0, 0);
        }
    }

    /// <summary>A batch is over.</summary>
    /// <param name="served">Turns that have been served until now, by the loop and by the pool.</param>
    /// <param name="began">When the batch was there, on any clock that goes on.</param>
    /// <param name="ended">When all of it was served, or given away.</param>
    public void OnBatch(long served, TimeSpan began, TimeSpan ended)
    {
        switch (_state)
        {
            case WorkSharingState.Looking:
                Look(served, began, ended);
                break;
            case WorkSharingState.Trying:
                Try(served, began, ended);
                break;
            case WorkSharingState.Sharing when ended >= _until:
                BeginTrial(served, ended);
                break;
        }
    }

    private void Look(long served, TimeSpan began, TimeSpan ended)
    {
        if (_batches++ == 0)
        {
            BeginSpan(served, ended); // what the first has served, it had served before it was counted
            return;
        }

        _atWork += ended - began;
        if (_batches <= BatchesOfLook)
        {
            return;
        }

        long turns = served - _servedBefore;
        if (ended >= _until && HasNoRest(ended) && turns > 0 && _atWork.Ticks / turns >= _least.Ticks)
        {
            BeginTrial(served, ended);
        }
        else
        {
            _state = WorkSharingState.Alone;
        }
    }

    private void Try(long served, TimeSpan began, TimeSpan ended)
    {
        _atWork += ended - began;
        TimeSpan time = ended - _from;
        if (time < Span)
        {
            return;
        }

        if (time > LongestSpan || (!_isSharedSpan && !HasNoRest(ended)))
        {
            End(isWorthIt: false, ended);
            return;
        }

        var span = new Served(served - _servedBefore, time);
        if (_isSharedSpan)
        {
            _shared += span;
            _won += span.Rate > _pairAlone ? 1 : 0;
            _pairs++;
        }
        else
        {
            _alone += span;
            _pairAlone = span.Rate;
        }

        _isSharedSpan = !_isSharedSpan;
        BeginSpan(served, ended);
        if (_pairs == Pairs)
        {
            End(_won >= Pairs - 1 && _shared.Rate >= Gain * _alone.Rate, ended);
        }
    }

    private void BeginTrial(long served, TimeSpan now)
    {
        (_state, _isSharedSpan, _pairs, _won, _alone, _shared) = (WorkSharingState.Trying, false, 0, 0, default, default);
        BeginSpan(served, now);
    }

    private void BeginSpan(long served, TimeSpan now) => (_from, _atWork, _servedBefore) = (now, default, served);

    private readonly bool HasNoRest(TimeSpan now) => _atWork >= Busy * (now - _from);

    private void End(bool isWorthIt, TimeSpan now)
    {
        bool isAsBefore = isWorthIt == _wasWorthIt && _hold > TimeSpan.Zero;
        _hold = isAsBefore ? TimeSpan.FromTicks(Math.Min(2 * _hold.Ticks, LongestHold.Ticks)) : ShortestHold;
        _until = now + _hold;
        (_wasWorthIt, _state) = (isWorthIt, isWorthIt ? WorkSharingState.Sharing : WorkSharingState.Alone);
    }

    private readonly record struct Served(long Turns, TimeSpan Time)
    {
        /// <summary>A second.</summary>
        public double Rate => Time > TimeSpan.Zero ? Turns / Time.TotalSeconds : 0;

        public static Served operator +(Served one, Served other) => new(one.Turns + other.Turns, one.Time + other.Time);
    }
}
