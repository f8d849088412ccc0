namespace OneShot.Transport.Tests.Servers;

/// <summary>Every thread of the thread pool waits, and so do items in its queue, each of which would keep one more. Until it is disposed.</summary>
internal sealed class HeldUpPool : IDisposable
{
    private readonly ManualResetEventSlim _letGo = new();
    private readonly CountdownEvent _left;

    /// <param name="queued">Items beyond one for each thread. The pool adds a thread or two a second.</param>
    public HeldUpPool(int queued)
    {
        int holders = ThreadPool.ThreadCount + queued;
        _left = new CountdownEvent(holders);
        for (int i = 0; i < holders; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    _letGo.Wait();
                    _left.Signal();
                },
                null);
        }
    }

    /// <summary>Lets go, and waits until all have gone.</summary>
    public void Dispose()
    {
        _letGo.Set();
        _left.Wait();
        _letGo.Dispose();
        _left.Dispose();
    }
}
