namespace OneShot.LoadTest.Drill.Supervision;

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
