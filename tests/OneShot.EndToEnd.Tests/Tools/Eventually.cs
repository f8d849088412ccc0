namespace OneShot.EndToEnd.Tests.Tools;

/// <summary>Waits for what comes in its own time: other processes, the ends of connections.</summary>
internal static class Eventually
{
    /// <summary>More than anything here takes on a busy machine. It ends a test that hangs, and times nothing.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal static async Task TrueAsync(Func<bool> condition, Func<string> otherwise)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (!condition())
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail(otherwise());
        }
    }
}
