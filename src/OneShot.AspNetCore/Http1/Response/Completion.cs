namespace OneShot.AspNetCore.Http1.Response;

/// <summary>For those who complete a writer and cannot wait for it.</summary>
internal static class Completion
{
    /// <summary>Throws what has gone wrong by now; of what goes on, the end is awaited by nobody, and its failure is no unobserved one.</summary>
    internal static void ThrowOrObserve(this ValueTask completing)
    {
        if (completing.IsCompleted)
        {
            completing.GetAwaiter().GetResult();
            return;
        }

        _ = ObserveAsync(completing);
    }

    private static async Task ObserveAsync(ValueTask completing) =>
        await completing.AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
