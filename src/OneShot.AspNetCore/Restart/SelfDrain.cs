using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Ends the process by its own hand: after a delay in which the readiness check keeps new traffic away, the host is stopped,
/// and its server answers what is still under way. Begun once, never undone.
/// </summary>
internal sealed class SelfDrain(TimeProvider time, ILogger logger, IHostApplicationLifetime? lifetime) : IDisposable
{
    private ITimer? _timer;
    private CancellationTokenRegistration _stopping;
    private int _exitCode;
    private int _begun;

    public bool IsRunning => Volatile.Read(ref _begun) != 0;

    public void Begin(TimeSpan delay, int exitCode)
    {
        if (lifetime is null || Interlocked.Exchange(ref _begun, 1) != 0)
        {
            return;
        }

        _exitCode = exitCode;
        RestartLog.SelfDrainBegins(logger, delay, exitCode);

        // Somebody else may stop the host meanwhile: then the exit code is theirs too.
        _stopping = lifetime.ApplicationStopping.UnsafeRegister(static self => ((SelfDrain)self!)._timer?.Dispose(), this);
        _timer = time.CreateTimer(static self => ((SelfDrain)self!).Stop(), this, delay, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer?.Dispose();
    }

    private void Stop()
    {
        if (lifetime!.ApplicationStopping.IsCancellationRequested)
        {
            return;
        }

        RestartLog.SelfDrainStops(logger, _exitCode);
        Environment.ExitCode = _exitCode;
        lifetime.StopApplication();
    }
}
