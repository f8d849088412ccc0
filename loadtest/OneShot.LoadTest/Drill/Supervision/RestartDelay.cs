namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>How long an orchestrator waits before it starts again what has ended.</summary>
internal interface IRestartDelay
{
    /// <param name="life">How long it lived this time.</param>
    public TimeSpan Next(TimeSpan life);
}

/// <summary>
/// kubelet's back-off, whatever the exit code: the first restart comes at once, the next ones after 10 s doubling to 300 s, until a
/// container has lived for more than 10 minutes. A pod that fills its arena faster than that ends here.
/// </summary>
internal sealed class CrashLoopBackOff(TimeScale scale) : IRestartDelay
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan s_resetAfter = TimeSpan.FromMinutes(10);

    private TimeSpan _next;

    public TimeSpan Next(TimeSpan life)
    {
        TimeSpan delay = life > scale.Of(s_resetAfter) ? TimeSpan.Zero : _next;
        TimeSpan doubled = delay * 2;
        TimeSpan most = scale.Of(s_most);
        _next = delay == TimeSpan.Zero ? scale.Of(s_first) : doubled < most ? doubled : most;
        return delay;
    }
}

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
