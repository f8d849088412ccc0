using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// What the process may allocate on the heap of the GC before it is due for a restart, none of which is collected meanwhile.
/// One per process, from the container.
/// </summary>
/// <remarks>
/// <para>Thread-safe. Used is what was allocated since the region was entered, as the GC hands it to threads: 8 KiB at a time.</para>
/// <para>The region is left by a collection that something else asks for: <see cref="GC.Collect()"/>, large objects beyond their
/// share, pinned arrays of more than 3 MiB together. That has made room, so the region is entered again, with the whole budget and
/// without a pause; but not by a process that is on its way to its restart already.</para>
/// </remarks>
public sealed class HeapBudget : IMemorySource
{
    internal const string KeyOfSource = "heap";

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

    /// <summary>Bytes allocated since the region was entered, from 0 to <see cref="Limit"/>; 0 before that, and where it was refused.</summary>
    public long Used => _state is HeapBudgetState.Active or HeapBudgetState.Populating or HeapBudgetState.Spent
        ? Math.Clamp(_region.Allocated - Volatile.Read(ref _enteredAt), 0, Limit)
        : 0;

    /// <summary>How often the region was entered: more than once when something has left it.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>How often the budget was spent before the restart came: 0 or 1.</summary>
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

    void IMemorySource.OnSampled(RestartPhase phase)
    {
        if (_state != HeapBudgetState.Active || _region.IsEntered)
        {
            return;
        }

        lock (_lock)
        {
            if (_state != HeapBudgetState.Active || _region.IsEntered)
            {
                return;
            }

            if (phase >= RestartPhase.Draining)
            {
                Become(HeapBudgetState.Spent);
            }
            else
            {
                Enter(mayCollect: false);
            }
        }
    }

    /// <summary>The host has started: what is allocated from now on counts. Returns when the memory for it is there.</summary>
    internal void Start()
    {
        lock (_lock)
        {
            if (_state == HeapBudgetState.Pending)
            {
                Enter(mayCollect: true);
            }
        }

        if (_state == HeapBudgetState.Populating)
        {
            Populate();
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

    private void Enter(bool mayCollect)
    {
        long used = Used;
        if (!_region.TryEnter(_options.Total, _options.EffectiveLargeObjects, mayCollect))
        {
            Become(HeapBudgetState.Refused);
            return;
        }

        Volatile.Write(ref _enteredAt, _region.Allocated);
        Volatile.Write(ref _entries, _entries + 1);
        _region.NoticeAt((long)(_noticeAt * _options.Total), _sampleSoon);
        if (_state == HeapBudgetState.Pending)
        {
            Become(_options.PopulateAtStart ? HeapBudgetState.Populating : HeapBudgetState.Active);
        }
        else
        {
            // The first time is news. From then on the counter tells: an application that collects every second has its reasons.
            HeapLog.EnteredAgain(_logger, _entries == 2 ? LogLevel.Warning : LogLevel.Debug, used, Limit, _options.EffectiveLargeObjects);
            if (_options.PopulateAtStart)
            {
                // Most of it is there: what the collection has kept committed. The rest may not keep the next sample waiting.
                ThreadPool.UnsafeQueueUserWorkItem(static region => region.Populate(isServing: true), _region, preferLocal: false);
            }
        }
    }

    /// <summary>Outside the lock: samples and the end of the host do not wait for it.</summary>
    private void Populate()
    {
        long started = Stopwatch.GetTimestamp();
        PopulateOutcome outcome = _region.Populate(isServing: false);
        lock (_lock)
        {
            if (_state != HeapBudgetState.Populating)
            {
                return; // the host has stopped
            }

            if (outcome.Obstacle is { } obstacle)
            {
                HeapLog.NotPopulated(_logger, outcome.Bytes, obstacle);
            }
            else
            {
                HeapLog.Populated(_logger, outcome.Bytes, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            Become(HeapBudgetState.Active);
        }
    }

    private void Become(HeapBudgetState state)
    {
        HeapBudgetState from = _state;
        _state = state;
        switch (from, state)
        {
            case (HeapBudgetState.Pending, HeapBudgetState.Active or HeapBudgetState.Populating):
                HeapLog.Entered(_logger, Limit, _options.EffectiveLargeObjects);
                break;
            case (_, HeapBudgetState.Refused):
                HeapLog.Refused(_logger, Limit, _options.EffectiveLargeObjects, _region.HeapLimit);
                break;
            case (_, HeapBudgetState.Spent):
                Volatile.Write(ref _exhaustions, _exhaustions + 1);
                HeapLog.Spent(_logger, Limit);
                break;
        }
    }
}
