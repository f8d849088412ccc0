namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Asked before a process that is full enough to drain begins to, so that the replicas of a service go one after the other: "may I go now?"
/// An application registers one as a singleton service; without one every process decides for itself.
/// </summary>
/// <remarks>
/// The gate is asked by one thread at a time, about once a second, until it lets the process go. It is overruled where waiting helps nobody: at
/// <see cref="RestartOptions.LiveAt"/>, where it throws, and for memory that ends the process when it is full: a container's limit, the GC heap's, an
/// arena under <see cref="ArenaExhaustion.FailFast"/>. The gate runs on a thread of the pool.
/// </remarks>
public interface IRestartGate
{
    /// <summary>Whether the process may drain and be restarted now. Whoever may holds the place of the others until it is back.</summary>
    /// <param name="cancellationToken">The host stops.</param>
    public ValueTask<bool> TryEnterAsync(CancellationToken cancellationToken);

    /// <summary>The process was let go, and goes on all the same: what had filled it is free again. Not called where the process ends.</summary>
    /// <param name="cancellationToken">The host stops.</param>
    public ValueTask LeaveAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
