namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>Counts a probe's failures in a row, as kubelet does.</summary>
internal sealed class ProbeCounter(int failureThreshold)
{
    private int _failures;

    public bool HasFailed => _failures >= failureThreshold;

    public void Observe(bool success) => _failures = success ? 0 : _failures + 1;
}
