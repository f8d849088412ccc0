using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Succession;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Ends the process by its own hand: after a delay in which the readiness check keeps new traffic away, the host is stopped,
/// and its server answers what is still under way. Begun once, never undone.
/// </summary>
/// <remarks>With <see cref="RestartOptions.Succeed"/> a successor comes first, and the delay begins when it is ready.</remarks>
/// <param name="time">By which it waits.</param>
/// <param name="logger">Where it is told.</param>
/// <param name="lifetime">The host's; null where there is none to stop.</param>
/// <param name="handOver">Brings the successor up; null where there can be none.</param>
internal sealed class SelfDrain(TimeProvider time, ILogger logger, IHostApplicationLifetime? lifetime, HandOver? handOver = null) : IDisposable
{
    private ITimer? _timer;
    private CancellationTokenRegistration _stopping;
    private int _exitCode;
    private int _begun;
    private Action _changed = static () => { };
    private volatile bool _awaitsSuccessor;

    public bool IsRunning => Volatile.Read(ref _begun) != 0;

    /// <summary>It runs, and nobody else serves yet: connections need not close, since they would come back here.</summary>
    public bool AwaitsSuccessor => _awaitsSuccessor;

    /// <summary>Is called when <see cref="AwaitsSuccessor"/> has become false.</summary>
    public void Watch(Action changed) => _changed = changed;

    /// <param name="left">How long it drains yet, if no successor comes first.</param>
    /// <param name="options">How it ends.</param>
    public void Begin(TimeSpan left, RestartOptions options)
    {
        if (lifetime is null || Interlocked.Exchange(ref _begun, 1) != 0)
        {
            return;
        }

        if (handOver is not null && options.Succeed)
        {
            _awaitsSuccessor = true;
            _ = Task.Run(() => SucceedAsync(options)); // the sample does not wait for a process
        }
        else
        {
            StopAfter(left, options.ExitCode);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _timer?.Dispose();
    }

    private async Task SucceedAsync(RestartOptions options)
    {
        try
        {
            bool hasSuccessor = await handOver!.RunAsync(options.SuccessorTimeout, lifetime!.ApplicationStopping).ConfigureAwait(false);
            StopAfter(options.DrainDelay, hasSuccessor ? 0 : options.ExitCode);
        }
        catch (OperationCanceledException) when (lifetime!.ApplicationStopping.IsCancellationRequested)
        {
            // Somebody stops the host, and wants no successor.
        }
        catch (Exception exception)
        {
            // The process is full all the same.
            Events.HandOverFailed(logger, exception);
            StopAfter(options.DrainDelay, options.ExitCode);
        }
        finally
        {
            _awaitsSuccessor = false;
            _changed();
        }
    }

    private void StopAfter(TimeSpan delay, int exitCode)
    {
        _exitCode = exitCode;
        Events.SelfDrainBegins(logger, delay, exitCode);

        // Somebody else may stop the host meanwhile: then the exit code is theirs too.
        _stopping = lifetime!.ApplicationStopping.UnsafeRegister(static self => ((SelfDrain)self!)._timer?.Dispose(), this);
        _timer = time.CreateTimer(static self => ((SelfDrain)self!).Stop(), this, delay, Timeout.InfiniteTimeSpan);
    }

    private void Stop()
    {
        if (lifetime!.ApplicationStopping.IsCancellationRequested)
        {
            return;
        }

        Events.SelfDrainStops(logger, _exitCode);
        Environment.ExitCode = _exitCode;
        lifetime.StopApplication();
    }
}
