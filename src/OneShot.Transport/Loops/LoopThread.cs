using System.Runtime.CompilerServices;
using OneShot.Transport.Native;

namespace OneShot.Transport.Loops;

/// <summary>A thread that runs one loop after another, its own or those whose threads are held up, and turns that have no other thread.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The thread disposes what it waits on when it ends.")]
internal sealed class LoopThread
{
    private static readonly ExecutionContext s_noContext = CaptureNone();

    private readonly LoopThreads _threads;
    private readonly SemaphoreSlim _assigned = new(0);
    private EventLoop? _loop;
    private IThreadPoolWorkItem? _turn;

    public LoopThread(LoopThreads threads) => _threads = threads;

    /// <summary>It waits for a loop from here on.</summary>
    /// <exception cref="OutOfMemoryException">The system has no thread for it: its memory is short, or the process may have no more.</exception>
    public void Start() => Start(Run, "OneShot loop", ThreadPriority.Normal);

    /// <summary>Gives it a loop to run, or nothing: then it ends. Once after it was started or parked.</summary>
    public void Assign(EventLoop? loop)
    {
        _loop = loop;
        _assigned.Release();
    }

    /// <summary>Gives it a turn to run. Once after it was started or parked.</summary>
    public void Assign(IThreadPoolWorkItem turn)
    {
        _turn = turn;
        _assigned.Release();
    }

    /// <summary>A thread of the transport.</summary>
    /// <inheritdoc cref="Start()" path="exception"/>
    public static void Start(ThreadStart run, string name, ThreadPriority priority)
    {
        if (SystemCallFaults.Refuse(SystemCall.StartThread))
        {
#pragma warning disable CA2201 // It stands for the runtime's.
            throw new OutOfMemoryException("A test wants it so.");
#pragma warning restore CA2201
        }

        new Thread(run) { IsBackground = true, Name = name, Priority = priority }.UnsafeStart();
    }

    /// <summary>As after every item of the thread pool: what code without a context of its own has set must not reach the next connection.</summary>
    public static void ResetContext()
    {
        ExecutionContext.Restore(s_noContext);
        if (SynchronizationContext.Current is not null)
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    private static ExecutionContext CaptureNone()
    {
        ExecutionContext? none = null;
        var thread = new Thread(() => none = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return none!;
    }

    private void Run()
    {
        using ThreadActivity activity = ThreadActivity.OfCurrentThread();
        while (true)
        {
            if (!_assigned.Wait(_threads.Idle))
            {
                if (_threads.TryRetire(this))
                {
                    break;
                }

                continue; // it is being assigned
            }

            if (!TryWork(activity))
            {
                break;
            }

            if (!_threads.TryPark(this))
            {
                break;
            }
        }

        _assigned.Dispose();
    }

    /// <returns>False when there is nothing to do, and never will be.</returns>
    /// <remarks>By itself, so that a thread that waits to be needed has no loop and no connection on its stack.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryWork(ThreadActivity activity)
    {
        if (_loop is { } loop)
        {
            _loop = null;
            loop.Run(activity);
            return true;
        }

        if (_turn is { } turn)
        {
            _turn = null;
            turn.Execute();
            ResetContext();
            return true;
        }

        return false;
    }
}
