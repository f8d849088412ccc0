using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// What the process may allocate on the heap of the GC before it is due for a restart, none of which is collected meanwhile.
/// One per process, from the container.
/// </summary>
/// <remarks>
/// <para>Thread-safe. Used is what was allocated since the region was entered, as the GC hands it to threads: 8 KiB at a time.</para>
/// <para>The region is left by a collection that something else asks for: <see cref="GC.Collect()"/>, large objects beyond their
/// share, pinned arrays of more than 3 MiB together. That has made room, so the region is entered again, with the whole budget and
/// without a pause; but not by a process that drains already. Where that is refused, it is tried again a few times.</para>
/// </remarks>
public sealed class HeapBudget : IMemorySource
{
    internal const string KeyOfSource = "heap";

    /// <summary>How often another entry is tried where one was refused, before the process goes on without: with pauses of 1, 2, 4, 8 and 16 samples, half a minute at most.</summary>
    private const int Tries = 6;

    private readonly Lock _lock = new();
    private readonly HeapOptions _options;
    private readonly double _noticeAt;
    private readonly INoGCRegion _region;
    private readonly ILogger _logger;
    private Action _sampleSoon = static () => { };
    private volatile HeapBudgetState _state; // changes within the lock, in Become alone
    private long _enteredAt; // bytes; written before the state that makes it count
    private long _entries;
    private long _exhaustions;
    private int _refusals; // of the entry that is due, in a row; by one thread at a time, the samples
    private int _samplesUntilTry; // as above
    private bool _isPopulating; // within the lock: one population at a time
    private bool _populatesAgain; // within the lock: what has been committed since it began
    private bool _isObstacleTold; // within the lock

    /// <param name="options">Valid ones.</param>
    /// <param name="noticeAt">The share, from 0 to 1, whose use is looked at at once: where the first step of the ladder is.</param>
    /// <param name="region">That of the runtime, or of a test.</param>
    /// <param name="logger">Where it is told what becomes of the budget.</param>
    internal HeapBudget(HeapOptions options, double noticeAt, INoGCRegion region, ILogger logger)
    {
        _options = options;
        _noticeAt = Math.Min(noticeAt, 0.95); // the runtime takes no notice of the whole
        _region = region;
        _logger = logger;
        _state = options.Budget > 0 ? HeapBudgetState.Pending : HeapBudgetState.Off;
    }

    /// <summary>Where it is in its life.</summary>
    public HeapBudgetState State => _state;

    /// <summary>Bytes: <see cref="HeapOptions.Budget"/>. 0 when there is none.</summary>
    public long Limit => _options.Budget;

    /// <summary>
    /// Bytes allocated since the region was entered, large objects and all, since the runtime tells no less: from 0 to <see cref="Limit"/>; 0 before that, and where it was refused.
    /// </summary>
    public long Used => _state is HeapBudgetState.Active or HeapBudgetState.Populating or HeapBudgetState.Left or HeapBudgetState.Spent
        ? Math.Clamp(_region.Allocated - Volatile.Read(ref _enteredAt), 0, Limit)
        : 0;

    /// <summary>How often the region was entered: more than once when something has left it.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>How often the budget was spent before the restart came, or not granted again: 0 or 1.</summary>
    public long Exhaustions => Volatile.Read(ref _exhaustions);

    string IMemorySource.Key => KeyOfSource;

    string IMemorySource.Name => "heap budget";

    bool IMemorySource.ComesBack => false;

    /// <summary>Garbage collection resumes.</summary>
    bool IMemorySource.GoesOnWhenFull => true;

    bool IMemorySource.IsSteady => true;

    long IMemorySource.Shortages => 0;

    string IMemorySource.Remedies => "a larger Heap:Budget, more replicas, or fewer bytes a request.";

    RestartThresholds IMemorySource.ThresholdsOf(RestartOptions options) => options.Thresholds;

    long IMemorySource.Sample(RestartLadder ladder, RestartPhase held) => Used;

    void IMemorySource.Watch(Action sampleSoon) => _sampleSoon = sampleSoon;

    /// <summary>To ask the runtime costs 25 ns; the samples, and the runtime's notice, come often enough.</summary>
    bool IMemorySource.IsAtLeast(long bytes) => false;

    void IMemorySource.OnSampled(RestartPhase phase, RestartPhase process)
    {
        if (!IsOver)
        {
            return;
        }

        lock (_lock)
        {
            if (!IsOver)
            {
                return;
            }

            if (Used >= Limit)
            {
                Become(HeapBudgetState.Spent);
            }
            else if (process >= RestartPhase.Draining) // whatever has brought it there: what ends soon commits no gigabytes
            {
                Become(HeapBudgetState.Left);
            }
            else if (--_samplesUntilTry < 0)
            {
                EnterAgain(); // also where a threshold was raised, and it drains no more
            }
        }
    }

    /// <summary>Something has ended the region, and it has not been seen to be spent.</summary>
    private bool IsOver => _state is HeapBudgetState.Left || (_state == HeapBudgetState.Active && !_region.IsEntered);

    /// <summary>The host has started: what is allocated from now on counts. Returns when the memory for it is there.</summary>
    internal void Start()
    {
        lock (_lock)
        {
            if (_state == HeapBudgetState.Pending)
            {
                EnterAtFirst();
            }
        }

        if (_state == HeapBudgetState.Populating)
        {
            PopulateAtFirst();
        }
    }

    /// <summary>The host has stopped: the process, which may go on, collects again.</summary>
    internal void Stop()
    {
        lock (_lock)
        {
            if (_state == HeapBudgetState.Off)
            {
                return;
            }

            if (_state is HeapBudgetState.Active or HeapBudgetState.Populating)
            {
                _region.Leave();
            }

            Become(HeapBudgetState.Ended);
        }
    }

    private void EnterAtFirst()
    {
        if (!TryEnter(mayCollect: true))
        {
            Become(HeapBudgetState.Refused);
            return;
        }

        Volatile.Write(ref _entries, 1);
        Become(_options.PopulateAtStart ? HeapBudgetState.Populating : HeapBudgetState.Active);
    }

    /// <summary>What was granted once may be refused now: what lives has grown, or a region of the application's own is on. That may be over soon.</summary>
    private void EnterAgain()
    {
        long used = Used;
        if (!TryEnter(mayCollect: false))
        {
            if (++_refusals < Tries)
            {
                _samplesUntilTry = 1 << (_refusals - 1);
                return;
            }

            Events.HeapBudgetNotEnteredAgain(_logger, Limit, _options.EffectiveLargeObjects, _refusals, _region.HeapLimit);
            Become(HeapBudgetState.Spent);
            return;
        }

        (_refusals, _samplesUntilTry) = (0, 0);
        Volatile.Write(ref _entries, _entries + 1);
        Become(HeapBudgetState.Active);
        // The first time is news. From then on the counter tells: an application that collects every second has its reasons.
        Events.HeapBudgetEnteredAgain(_logger, _entries == 2 ? LogLevel.Warning : LogLevel.Debug, used, Limit, _options.EffectiveLargeObjects);
        if (_options.PopulateAtStart)
        {
            PopulateSoon();
        }
    }

    private bool TryEnter(bool mayCollect)
    {
        if (!_region.TryEnter(_options.Total, _options.EffectiveLargeObjects, mayCollect))
        {
            return false;
        }

        Volatile.Write(ref _enteredAt, _region.Allocated);
        _region.NoticeAt(Math.Max(1, (long)(_noticeAt * _options.Total)), _sampleSoon);
        return true;
    }

    /// <summary>Outside the lock: samples and the end of the host do not wait for it.</summary>
    private void PopulateAtFirst()
    {
        long started = Stopwatch.GetTimestamp();
        PopulateOutcome outcome = _region.Populate(isServing: false);
        for (int i = 1; i < Tries && TryEnterBeforeServing(); i++)
        {
            PopulateOutcome more = _region.Populate(isServing: true); // most of it is there
            outcome = new(outcome.Bytes + more.Bytes, outcome.Obstacle ?? more.Obstacle);
        }

        lock (_lock)
        {
            if (_state != HeapBudgetState.Populating)
            {
                return; // the host has stopped
            }

            if (outcome.Obstacle is null)
            {
                Events.HeapBudgetPopulated(_logger, outcome.Bytes, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            TellObstacle(outcome);
            Become(HeapBudgetState.Active);
        }
    }

    /// <summary>
    /// Something has collected while the memory was faulted in: a server GC with as many heaps as it needs does now and then, on a busy machine, right behind the entry. The
    /// budget begins with a region that lasts.
    /// </summary>
    private bool TryEnterBeforeServing()
    {
        lock (_lock)
        {
            return _state == HeapBudgetState.Populating && !_region.IsEntered && TryEnter(mayCollect: false);
        }
    }

    /// <summary>Most of it is there: what the collection has kept committed. The rest may not keep the next sample waiting.</summary>
    private void PopulateSoon()
    {
        _populatesAgain = _isPopulating;
        if (!_isPopulating)
        {
            _isPopulating = true;
            ThreadPool.UnsafeQueueUserWorkItem(static budget => budget.PopulateAgain(), this, preferLocal: false);
        }
    }

    private void PopulateAgain()
    {
        bool again;
        do
        {
            // What was left or spent collects: it is about to give memory back.
            PopulateOutcome outcome = _region.Populate(isServing: true, () => _state == HeapBudgetState.Active);
            lock (_lock)
            {
                bool isInUse = _state == HeapBudgetState.Active;
                again = _populatesAgain && isInUse;
                (_isPopulating, _populatesAgain) = (again, false);
                if (isInUse && !again)
                {
                    TellObstacle(outcome);
                }
            }
        }
        while (again);
    }

    /// <summary>The first one is news, as above.</summary>
    private void TellObstacle(PopulateOutcome outcome)
    {
        if (outcome.Obstacle is { } obstacle)
        {
            Events.HeapBudgetNotPopulated(_logger, _isObstacleTold ? LogLevel.Debug : LogLevel.Warning, outcome.Bytes, obstacle);
            _isObstacleTold = true;
        }
    }

    private void Become(HeapBudgetState state)
    {
        HeapBudgetState from = _state;
        _state = state;
        switch (from, state)
        {
            case (HeapBudgetState.Pending, HeapBudgetState.Active or HeapBudgetState.Populating):
                Events.HeapBudgetEntered(_logger, Limit, _options.EffectiveLargeObjects);
                break;
            case (_, HeapBudgetState.Refused):
                Events.HeapBudgetRefused(_logger, Limit, _options.EffectiveLargeObjects, _region.HeapLimit);
                break;
            case (HeapBudgetState.Active, HeapBudgetState.Left):
                Events.HeapBudgetLeft(_logger, Used, Limit);
                break;
            case (_, HeapBudgetState.Spent):
                Volatile.Write(ref _exhaustions, _exhaustions + 1);
                if (Used >= Limit)
                {
                    Events.HeapBudgetSpent(_logger, Limit);
                }

                break;
        }
    }
}
