using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.LoadTest.Drill;

/// <summary>What happens to one replica, written into the timeline and the list of restarts.</summary>
internal sealed class ReplicaLog(int replica, Timeline timeline, RestartList restarts) : ISupervisionLog
{
    private bool _killed;

    public void Started()
    {
        _killed = false;
        timeline.ProcessIs(replica, running: true);
    }

    public void Terminating()
    {
    }

    public void Killing() => _killed = true;

    public void Ended(int exitCode, TimeSpan life, TimeSpan backOff)
    {
        ReplicaPhase phase = timeline.PhaseOf(replica);
        timeline.ProcessIs(replica, running: false);
        restarts.Add(replica, life, exitCode, backOff, phase, _killed);
    }
}
