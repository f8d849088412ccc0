using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill.Traffic;

/// <summary>
/// Fills a replica's arena up to a share, by requests past the balancer. Replicas of a real service are of different ages, as a
/// rolling update leaves them; started at once and loaded alike, they would fill in step.
/// </summary>
internal static class Ageing
{
    private const int AtOnce = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <exception cref="LoadTestException">The arena does not fill.</exception>
    public static async Task FillAsync(Uri replica, double share, CancellationToken cancellationToken)
    {
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = replica, Timeout = TimeSpan.FromSeconds(10) };
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < s_patience)
        {
            ServerStats stats = ServerStats.Parse(await client.GetStringAsync(new Uri("/stats", UriKind.Relative), cancellationToken));
            if (stats.ProcessArena.Used >= share * stats.ProcessArena.Capacity)
            {
                return;
            }

            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => client.GetStringAsync(new Uri("/headers", UriKind.Relative), cancellationToken)));
        }

        throw new LoadTestException($"The arena of the replica at {replica} does not fill: is its reclamation Never?");
    }
}
