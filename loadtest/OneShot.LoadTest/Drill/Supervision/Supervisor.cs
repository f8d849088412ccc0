namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>
/// Keeps one container running by an orchestrator's rules: starts it, probes it, stops it when liveness fails, waits as long as
/// the orchestrator would, starts it again.
/// </summary>
internal sealed class Supervisor(SupervisionRules rules, Func<IContainer> start, ISupervisionLog log, TimeProvider time)
{
    private readonly IRestartDelay _delay = rules.Delay();

    /// <summary>Runs until it is cancelled, and stops the container then: SIGTERM, grace, SIGKILL.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long started = time.GetTimestamp();
            await using IContainer container = start();
            log.Started();
            await LiveAsync(container, cancellationToken);
            int exitCode = await container.Exited;

            TimeSpan life = time.GetElapsedTime(started);
            TimeSpan backOff = _delay.Next(life);
            log.Ended(exitCode, life, backOff);
            await DelayAsync(backOff, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Returns when the container has ended, by itself or by us.</summary>
    private async Task LiveAsync(IContainer container, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task mustStop = UntilItMustStopAsync(container, ended.Token);
        if (await Task.WhenAny(container.Exited, mustStop) == container.Exited)
        {
            ended.Cancel();
        }
        else
        {
            log.Terminating();
            await StopAsync(container);
        }

        await mustStop;
    }

    private async Task StopAsync(IContainer container)
    {
        using CancellationTokenSource exited = new();
        Task grace = DelayAsync(rules.Grace, exited.Token);
        await Task.WhenAny(container.Exited, DelayAsync(rules.PreStop, exited.Token));
        container.Terminate();
        if (await Task.WhenAny(container.Exited, grace) == grace)
        {
            log.Killing();
            container.Kill();
            await container.Exited;
        }

        exited.Cancel();
        await grace;
    }

    /// <summary>Returns when a probe has failed, or the token is cancelled.</summary>
    private async Task UntilItMustStopAsync(IContainer container, CancellationToken cancellationToken)
    {
        if (rules.Startup is { } startup && !await ProbeUntilAsync(container, startup, success: true, cancellationToken))
        {
            return;
        }

        if (rules.Liveness is { } liveness)
        {
            await ProbeUntilAsync(container, liveness, success: false, cancellationToken);
        }
        else
        {
            await DelayAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    /// <returns>True at the first success, if that is what is waited for; false when the probe has failed, or on cancellation.</returns>
    private async Task<bool> ProbeUntilAsync(IContainer container, ProbeRule rule, bool success, CancellationToken cancellationToken)
    {
        ProbeCounter counter = new(rule.FailureThreshold);
        while (!cancellationToken.IsCancellationRequested)
        {
            long asked = time.GetTimestamp();
            bool answered = await container.ProbeAsync(rule.Path, rule.Timeout, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            counter.Observe(answered);
            if (counter.HasFailed)
            {
                return false;
            }

            if (answered && success)
            {
                return true;
            }

            TimeSpan rest = rule.Period - time.GetElapsedTime(asked);
            await DelayAsync(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, cancellationToken);
        }

        return false;
    }

    /// <summary>
    /// Cancelled or over, it returns: whoever waits looks at the token next. Unlike <see cref="Task.Delay(TimeSpan, CancellationToken)"/>
    /// it goes on right where the clock is advanced or the token cancelled, so that a test knows when everything has happened.
    /// </summary>
    private async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay == TimeSpan.Zero)
        {
            return;
        }

        TaskCompletionSource over = new();
        await using ITimer timer = time.CreateTimer(static over => ((TaskCompletionSource)over!).TrySetResult(), over, delay, Timeout.InfiniteTimeSpan);
        await using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static over => ((TaskCompletionSource)over!).TrySetResult(), over);
        await over.Task;
    }
}

/// <summary>What a supervisor does to a container. A probe that is null is not made.</summary>
/// <param name="Startup">Until it has succeeded once, liveness is not asked for.</param>
/// <param name="Liveness">When it fails, the container is stopped.</param>
/// <param name="PreStop">What the kubelet waits before SIGTERM.</param>
/// <param name="Grace">From the decision to stop it, preStop included, to SIGKILL.</param>
/// <param name="Delay">Made for each container: how long until it is started again.</param>
internal sealed record SupervisionRules(ProbeRule? Startup, ProbeRule? Liveness, TimeSpan PreStop, TimeSpan Grace, Func<IRestartDelay> Delay)
{
    /// <summary>
    /// kubelet with the numbers of the manifests in <c>deploy/kubernetes</c>. Readiness is not here: it moves traffic, which the
    /// balancer does in a drill. Start-up and grace are the process's own time, and not scaled.
    /// </summary>
    public static SupervisionRules Kubernetes(PodManifest manifest, TimeScale scale) => new(
        manifest.Startup,
        manifest.Liveness with { Period = scale.Of(manifest.Liveness.Period, s_finest), Timeout = scale.Of(manifest.Liveness.Timeout, s_patience) },
        scale.Of(manifest.PreStop),
        manifest.Grace,
        () => new CrashLoopBackOff(scale));

    /// <summary>Docker restarts what ends, and looks at nothing else: an unhealthy container stays as it is.</summary>
    public static SupervisionRules Compose { get; } = new(null, null, TimeSpan.Zero, TimeSpan.FromSeconds(10), () => new DockerRestartDelay());

    private static readonly TimeSpan s_finest = TimeSpan.FromMilliseconds(50);

    // A shared machine may take longer than a scaled second to give a process its turn.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
}

/// <summary>A probe as a pod's manifest has it.</summary>
/// <param name="Path">What is asked for.</param>
/// <param name="Period">From the start of one probe to that of the next.</param>
/// <param name="Timeout">Until no answer is a failure.</param>
/// <param name="FailureThreshold">Failures in a row until it counts as failed. One success is enough to make up for them.</param>
internal sealed record ProbeRule(string Path, TimeSpan Period, TimeSpan Timeout, int FailureThreshold);

/// <summary>Counts a probe's failures in a row, as kubelet does.</summary>
internal sealed class ProbeCounter(int failureThreshold)
{
    private int _failures;

    public bool HasFailed => _failures >= failureThreshold;

    public void Observe(bool success) => _failures = success ? 0 : _failures + 1;
}

/// <summary>Is told what a supervisor does. Called on the supervisor's thread.</summary>
internal interface ISupervisionLog
{
    public void Started();

    /// <summary>Liveness has failed: SIGTERM is sent.</summary>
    public void Terminating();

    /// <summary>The grace period is over: SIGKILL is sent.</summary>
    public void Killing();

    public void Ended(int exitCode, TimeSpan life, TimeSpan backOff);
}
