namespace OneShot.Tests.Buffers;

/// <summary>Counts what an action leaves to the garbage collector.</summary>
internal static class Garbage
{
    private const int Rounds = 5;

    /// <summary>
    /// Bytes that this thread allocates in one steady run: the least of several rounds, so that what the runtime
    /// allocates on its own account (tiering, first calls) does not count.
    /// </summary>
    public static long Of(Action action)
    {
        action();
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
