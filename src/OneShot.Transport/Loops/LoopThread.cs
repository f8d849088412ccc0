namespace OneShot.Transport.Loops;

/// <summary>A thread that runs one loop after another: its own, or those whose threads are held up.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The thread disposes what it waits on when it ends.")]
internal sealed class LoopThread
{
    private readonly LoopThreads _threads;
    private readonly SemaphoreSlim _assigned = new(0);
    private EventLoop? _loop;

    public LoopThread(LoopThreads threads) => _threads = threads;

    public bool IsStarted { get; private set; }

    /// <summary>Gives it a loop to run, or nothing: then it ends. Once after it was made or parked.</summary>
    public void Assign(EventLoop? loop)
    {
        _loop = loop;
        if (!IsStarted)
        {
            IsStarted = true;
            new Thread(Run) { IsBackground = true, Name = "OneShot loop" }.UnsafeStart();
        }

        _assigned.Release();
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
