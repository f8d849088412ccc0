namespace OneShot.Benchmarks.Allocator;

/// <summary>
/// A fixed set of threads that all do the same at the same time; the caller is one of them. The others spin between two
/// turns, so that starting one costs a cache miss and not a wake-up.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    private readonly Thread[] _others;
    private Action<int>? _work;
    private int _turn;
    private int _busy;
    private bool _stopped;

    public ThreadTeam(int threads)
    {
        _others = [.. Enumerable.Range(1, threads - 1).Select(index => new Thread(() => Follow(index)) { IsBackground = true })];
        Array.ForEach(_others, thread => thread.Start());
    }

    /// <summary>Runs the work on every thread, with its index, and returns when all are done.</summary>
    public void Run(Action<int> work)
    {
        _work = work;
        Volatile.Write(ref _busy, _others.Length);
        Interlocked.Increment(ref _turn);
        work(0);
        while (Volatile.Read(ref _busy) > 0)
        {
            Thread.SpinWait(10);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _stopped, true);
        Interlocked.Increment(ref _turn);
        Array.ForEach(_others, thread => thread.Join());
    }

    private void Follow(int index)
    {
        for (int turn = 1; ; turn++)
        {
            while (Volatile.Read(ref _turn) < turn)
            {
                Thread.SpinWait(10);
            }

            if (Volatile.Read(ref _stopped))
            {
                return;
            }

            _work!(index);
            Interlocked.Decrement(ref _busy);
        }
    }
}
