using OneShot.Transport.Native;

namespace OneShot.Transport.Loops;

/// <summary>A thread that runs one loop after another: its own, or those whose threads are held up.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The thread disposes what it waits on when it ends.")]
internal sealed class LoopThread
{
    private readonly LoopThreads _threads;
    private readonly SemaphoreSlim _assigned = new(0);
    private EventLoop? _loop;

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

    private void Run()
    {
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

            if (_loop is not { } loop)
            {
                break;
            }

            loop.Run();
            _loop = null;
            if (!_threads.TryPark(this))
            {
                break;
            }
        }

        _assigned.Dispose();
    }
}
