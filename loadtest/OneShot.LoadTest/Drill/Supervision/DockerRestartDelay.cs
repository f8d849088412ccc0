namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>
/// Docker's <c>restart: unless-stopped</c>: 100 ms doubling to a minute, reset by a life of 10 s. These are short enough as they
/// are, so they are not scaled.
/// </summary>
internal sealed class DockerRestartDelay : IRestartDelay
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_resetAfter = TimeSpan.FromSeconds(10);

    private TimeSpan _last;

    public TimeSpan Next(TimeSpan life)
    {
        TimeSpan doubled = life >= s_resetAfter ? TimeSpan.Zero : _last * 2;
        _last = doubled == TimeSpan.Zero ? s_first : doubled < s_most ? doubled : s_most;
        return _last;
    }
}
