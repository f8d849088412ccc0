using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OneShot.Transport.Buffers;
using OneShot.Transport.Native;

namespace OneShot.Transport.Loops;

/// <summary>
/// An epoll instance and whoever waits on it: takes a batch of events and serves each to its end before the next.
/// </summary>
/// <remarks>
/// <para>Batch and cursor belong to the loop's owner (<see cref="LoopOwnership"/>). An event is taken off the batch before its
/// target is called, so that whoever takes the loop over meanwhile goes on behind it.</para>
/// <para>Registering and removing may come from any thread.</para>
/// </remarks>
internal sealed unsafe class EventLoop
{
    private const int BatchSize = 256;
    private const ulong WakeKey = ulong.MaxValue;
    private const int Stopped = -1; // no errno

    // The system had no thread for a loop that had been promised one: turns that nobody relies on that for.
    private const int TurnsWithoutSpare = 256;

    private readonly TargetTable _targets = new();
    private readonly Descriptor _epoll;
    private readonly Descriptor _wake;
    private readonly Watchdog _watchdog;
    private readonly LoopThreads _threads;
    private readonly ILogger _logger;
    private readonly bool _mayShare;
    private readonly PoolTurns _pooled;
    private readonly PoolTurns _computing; // of those that are known to want a processor for long
    private readonly byte* _events = (byte*)NativeMemory.Alloc(BatchSize, (nuint)EpollEvent.Size);

    private LoopOwnership _ownership;
    private EventTarget? _calledOut; // the watchdog reads it
    private int _cursor;
    private int _count;
    private volatile bool _isStopping;
    private volatile bool _hasEnded;
    private volatile int _turnsWithoutSpare;
    private volatile ThreadActivity? _threadActivity;
    private BlockingSpell _spell;
    private WorkSharing _sharing;
    private TimeSpan _batchBegan; // zero where the batch is not timed
    private long _served; // turns that the loop has run itself
    private long _shared; // and those that were run for it

    /// <param name="watchdog">Sees to it that no handler holds the loop up.</param>
    /// <param name="threads">Where other threads for it come from.</param>
    /// <param name="shareAfter">What turns take from which on they are shared with the thread pool; null for never.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="logger">Is told what call-outs throw.</param>
    public EventLoop(Watchdog watchdog, LoopThreads threads, TimeSpan? shareAfter, TransportMetrics metrics, ILogger logger)
    {
        Metrics = metrics;
        _mayShare = shareAfter is not null;
        _sharing = new WorkSharing(shareAfter ?? Timeout.InfiniteTimeSpan);
        _watchdog = watchdog;
        _threads = threads;
        _pooled = new PoolTurns(threads, most: int.MaxValue);
        _computing = new PoolTurns(threads, most: threads.ProcessorsPerLoop);
        _logger = logger;
        try
        {
            _epoll = Open(Libc.EpollCreate(Libc.EpollCloseOnExec));
            _wake = Open(Libc.EventDescriptor(0, Libc.EventNonBlocking | Libc.EventCloseOnExec));
            Control(Libc.EpollAdd, _wake.Number, EpollEvents.Readable | EpollEvents.EdgeTriggered, WakeKey);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>How long a call-out may take before the loop goes to another thread.</summary>
    public TimeSpan HandOverAfter => _watchdog.Bound;

    public BlockPool Blocks { get; } = new();

    public TransportMetrics Metrics { get; }

    /// <summary>How often a thread has lost the loop to another one.</summary>
    public long Takes { get; private set; }

    /// <summary>Turns that were run elsewhere, so that they and others could run at the same time.</summary>
    public long Shared => Volatile.Read(ref _shared);

    /// <summary>The thread pool has turns that it has not begun yet.</summary>
    public bool IsPoolOwing => !_pooled.IsEmpty || !_computing.IsEmpty;

    /// <summary>Connections and listeners.</summary>
    public int Targets => _targets.Count;

    /// <summary>No thread runs it any more, nor will.</summary>
    public bool HasEnded => _hasEnded;

    internal long Word => _ownership.Word;

    /// <summary>Of the thread that the loop is on, for the watchdog: there once the thread has called out.</summary>
    internal ThreadActivity ThreadActivity => _threadActivity!;

    /// <summary>Events of a descriptor go to <paramref name="target"/> from here on, the first possibly before this returns.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system has no room for it.</exception>
    public void Register(EventTarget target, Descriptor descriptor, EpollEvents events)
    {
        _targets.Add(target);
        try
        {
            Control(Libc.EpollAdd, descriptor.Number, events | EpollEvents.EdgeTriggered, target.Key);
        }
        catch
        {
            _targets.Remove(target);
            throw;
        }
    }

    /// <summary>Its events are these from here on, and those that are the case already are told again.</summary>
    /// <returns>errno, or 0: also where the loop has stopped, or the target is closed.</returns>
    public int Modify(EventTarget target, Descriptor descriptor, EpollEvents events)
    {
        if (!descriptor.TryUse())
        {
            return 0;
        }

        int error = TryControl(Libc.EpollModify, descriptor.Number, events | EpollEvents.EdgeTriggered, target.Key);
        descriptor.Release();
        return error == Stopped ? 0 : error;
    }

    /// <summary>No event that comes after this meets the target; one that is being served goes on.</summary>
    public void Remove(EventTarget target) => _targets.Remove(target);

    /// <summary>
    /// Asked by a target in its call-out, before it runs code of others: where to have that run (<see cref="Dispatch"/>). Not here
    /// while handlers block this loop again and again, while no thread is left that could take it over, and while others wait behind
    /// turns that compute.
    /// </summary>
    /// <param name="isSuspect">Whether the target's turns have kept a thread lately: then not here.</param>
    /// <param name="isTried">Whether the target's turns are known to be quick: then other handlers that block are no reason.</param>
    public TurnPlace PlaceOf(bool isSuspect, bool isTried) =>
        isSuspect || IsHeldUp(isTried) ? TurnPlace.Elsewhere
        : _sharing.IsOn && _pooled.HasRoom ? TurnPlace.Shared // what would wait there as well is better off here
        : TurnPlace.Loop;

    private bool IsHeldUp(bool isTried)
    {
        int turns = _turnsWithoutSpare;
        if (turns > 0)
        {
            _turnsWithoutSpare = turns - 1;
            return true;
        }

        return (!isTried && _spell.IsOn) || !_threads.HasSpare;
    }

    /// <summary>
    /// Runs a turn elsewhere. On a spare thread if there is one that no loop may need, else on the thread pool; turns that want a processor go to
    /// the thread pool at once: it knows how many of those are worth while at a time.
    /// </summary>
    /// <param name="turn">To run.</param>
    /// <param name="place">Not <see cref="TurnPlace.Loop"/>.</param>
    /// <param name="isComputing">Whether it is known to want a processor for long.</param>
    public void Dispatch(IThreadPoolWorkItem turn, TurnPlace place, bool isComputing)
    {
        if (place == TurnPlace.Elsewhere && !isComputing && _threads.TryGive(turn))
        {
            return;
        }

        (isComputing ? _computing : _pooled).Add(turn);
        _watchdog.Notice(); // it may come from any thread
    }

    /// <summary>A turn is over that was run elsewhere, not for what its connection did before.</summary>
    public void OnDispatchedTurn(TurnKind kind) => _spell.OnTurn(kind);

    /// <summary>A turn is over that was shared.</summary>
    public void OnSharedTurn() => Interlocked.Increment(ref _shared);

    /// <summary>Whether the loop is in a call-out of the target, and the watchdog watches that.</summary>
    public bool IsIn(EventTarget target) => ReferenceEquals(Volatile.Read(ref _calledOut), target);

    /// <summary>The target has put something off that must not wait for long: until the thread pool has a thread, or until a turn ends.</summary>
    public void Expect(EventTarget target) => _watchdog.Expect(target);

    /// <summary>Serves until the loop stops, or has been taken over by another thread.</summary>
    public void Run(ThreadActivity activity)
    {
        _threadActivity = activity;
        while (true)
        {
            while (_cursor < _count)
            {
                byte* next = _events + ((nint)_cursor++ * EpollEvent.Size);
                ulong key = EpollEvent.DataOf(next);
                EpollEvents events = EpollEvent.EventsOf(next);
                if (key == WakeKey)
                {
                    continue; // to look whether the loop stops
                }

                if (!Serve(key, events))
                {
                    return;
                }
            }

            if (_isStopping)
            {
                _hasEnded = true;
                Close();
                StopTargets(); // after: from there on none is registered
                return;
            }

            if (_mayShare)
            {
                CountBatch();
            }

            _cursor = 0;
            _count = Math.Max(Libc.EpollWait(_epoll.Number, _events, BatchSize, -1), 0); // it fails for a signal only
            _batchBegan = _sharing.IsTimed ? Stopwatch.GetElapsedTime(0) : default;
        }
    }

    /// <summary>It has no thread, or that ends here: gives back what it has of the system.</summary>
    public void Close()
    {
        _wake?.Close(); // nothing, where its own beginning has failed
        _epoll?.Close();
        NativeMemory.Free(_events);
    }

    /// <summary>Its thread ends when it has served what is there, and what is registered then is closed.</summary>
    public void Stop()
    {
        _isStopping = true;
        if (_wake.TryUse())
        {
            ulong one = 1;
            _ = Libc.Write(_wake.Number, &one, sizeof(ulong));
            _wake.Release();
        }
    }

    /// <summary>The watchdog comes by.</summary>
    internal void LookAtPool()
    {
        _pooled.Look();
        _computing.Look();
    }

    /// <summary>The watchdog: the loop's thread has been in one call-out for too long.</summary>
    /// <param name="word">What the watchdog has seen, now and the time before.</param>
    /// <param name="kind">What keeps it there.</param>
    internal void Take(long word, TurnKind kind)
    {
        EventTarget? target = Volatile.Read(ref _calledOut);
        if (_threads.TryReserve() is not { } spare)
        {
            if (_threads.HasSpare)
            {
                _turnsWithoutSpare = TurnsWithoutSpare; // it was promised one that the system could not start
            }

            target?.OnHeldUp(kind);
            return;
        }

        if (!_ownership.TryTake(word))
        {
            _threads.Park(spare);
            return;
        }

        Volatile.Write(ref _calledOut, null); // before the target is told: it puts nothing off after that
        target?.OnHeldUp(kind);
        Takes++;
        _spell.OnTake(Stopwatch.GetElapsedTime(0), _watchdog.Bound);
        spare.Assign(this);
    }

    private void CountBatch()
    {
        if (!_sharing.IsTimed)
        {
            _sharing.OnBatch(_count);
        }
        else if (_batchBegan != default)
        {
            _sharing.OnBatch(_served + Shared, _batchBegan, Stopwatch.GetElapsedTime(0));
        }
    }

    private void StopTargets()
    {
        foreach (EventTarget target in _targets.ToList())
        {
            try
            {
                target.OnStopped();
            }
            catch (Exception)
            {
                // A logger, or who listens to a meter, that has gone before: nobody is left to be told.
            }
        }
    }

    /// <remarks>By itself, so that a thread that waits in the kernel for hours has no connection on its stack.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Serve(ulong key, EpollEvents events) => _targets.Find(key) is not { } target || CallOut(target, events);

    /// <returns>False when the loop was taken over meanwhile.</returns>
    private bool CallOut(EventTarget target, EpollEvents events)
    {
        Volatile.Write(ref _calledOut, target);
        long turn = _ownership.Enter();
        _watchdog.Notice();
        long start = Metrics.TimesCallOuts ? Stopwatch.GetTimestamp() : 0;
        bool hasServed = false;
        try
        {
            hasServed = target.OnReady(events);
        }
        catch (Exception exception)
        {
            TransportLog.CallOutFailed(_logger, exception);
        }

        LoopThread.ResetContext();
        if (start != 0)
        {
            Metrics.CalledOut(Stopwatch.GetElapsedTime(start));
        }

        if (!_ownership.Leave(turn))
        {
            return false;
        }

        _calledOut = null;
        _served += hasServed ? 1 : 0;
        return true;
    }

    private void Control(int operation, int descriptor, EpollEvents events, ulong key)
    {
        switch (TryControl(operation, descriptor, events, key))
        {
            case 0:
                return;
            case Stopped:
                throw new ObjectDisposedException(nameof(EventLoop), "The transport has stopped.");
            case var error:
                throw Errno.ToException(error);
        }
    }

    /// <returns>errno, or 0, or <see cref="Stopped"/>.</returns>
    private int TryControl(int operation, int descriptor, EpollEvents events, ulong key)
    {
        byte* buffer = stackalloc byte[16];
        EpollEvent.Write(buffer, events, key);
        if (!_epoll.TryUse())
        {
            return Stopped;
        }

        int result = Libc.EpollControl(_epoll.Number, operation, descriptor, buffer);
        int error = Marshal.GetLastPInvokeError();
        _epoll.Release();
        return result < 0 ? error : 0;
    }

    private static Descriptor Open(int descriptor) =>
        descriptor >= 0 ? new Descriptor(descriptor) : throw Errno.ToException(Marshal.GetLastPInvokeError());
}
