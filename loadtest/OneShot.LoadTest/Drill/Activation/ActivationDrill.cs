using System.Globalization;
using OneShot.LoadTest.Drill.Supervision;
using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Drill.Activation;

/// <summary>
/// One process behind a listening socket that stays: it fills its arena, ends itself, and is started again, as systemd does by the
/// units in <c>deploy/systemd</c>. No balancer, and every request counted.
/// </summary>
internal sealed class ActivationDrill(ActivationOptions options, SampleLocation location)
{
    private const string UnitFile = "header-server.service";
    private const int Backlog = 512;

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Is told what happens, with how much of the whole is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = static (_, _) => { };

    /// <exception cref="LoadTestException">The process could not be started.</exception>
    public async Task<ActivationResult> RunAsync(CancellationToken cancellationToken)
    {
        ServiceUnit unit = ServiceUnit.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, UnitFile), cancellationToken));
        using ListeningSocket socket = new(Backlog);
        await using ServiceManagerSocket manager = new(TimeProvider.System);
        RestartList? restarts = null;
        restarts = new RestartList(TimeProvider.System, restart => Progress(Describe(restart), Math.Min(1, (double)restarts!.Count / options.Restarts)));
        restarts.Begin();
        ChildProcess? current = null;
        Supervisor supervisor = new(
            new SupervisionRules(null, null, TimeSpan.Zero, unit.StopTimeout, () => new FixedRestartDelay(unit.RestartDelay)),
            () => new ServiceProcess(current = socket.Start(location.File, [.. location.LeadingArguments, .. Arguments()], Environment(unit, manager))),
            new ServiceLog(restarts),
            TimeProvider.System);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task supervising = Task.Run(() => supervisor.RunAsync(stop.Token), CancellationToken.None);
        CountedLoad load;
        try
        {
            Progress("Starting", 0);
            if (await Task.WhenAny(manager.Ready, supervising, Task.Delay(s_startTimeout, cancellationToken)) != manager.Ready)
            {
                throw new LoadTestException($"The service was not ready within {s_startTimeout.TotalSeconds:0} s: {current?.LastOutput}");
            }

            load = await new ServiceLoad(options, options.Restarts, "restarts") { Count = () => manager.Away.Count, Faults = [supervising] }.RunAsync(socket.Address, cancellationToken);
        }
        finally
        {
            restarts.End();
            await stop.CancelAsync();
            await supervising.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new ActivationResult(options, load, manager.Away, manager.Watchdogs);
    }

    private string[] Arguments() =>
    [
        $"--OneShot:Transport={options.Transport}",
        $"--OneShot:Capacity={options.Capacity}",
        "--OneShot:Reclamation=Never",
        "--Logging:LogLevel:Default=Warning",
    ];

    /// <summary>The unit's own, but that the arena is small, and lives may be short: it is to be full in seconds.</summary>
    private static Dictionary<string, string> Environment(ServiceUnit unit, ServiceManagerSocket manager) => new(unit.Environment)
    {
        ["OneShot__Restart__MinLife"] = "00:00:00",
        ["NOTIFY_SOCKET"] = manager.Path,
        ["WATCHDOG_USEC"] = string.Create(CultureInfo.InvariantCulture, $"{unit.Watchdog.TotalMicroseconds:0}"),
    };

    private static string Describe(Restart restart) => string.Create(
        CultureInfo.InvariantCulture, $"{restart.At.TotalSeconds,6:0.0} s: ended (exit code {restart.ExitCode}) after {restart.Life.TotalSeconds:0.0} s");

    private sealed class FixedRestartDelay(TimeSpan delay) : IRestartDelay
    {
        public TimeSpan Next(TimeSpan life) => delay;
    }

    private sealed class ServiceProcess(ChildProcess process) : IContainer
    {
        public Task<int> Exited => process.Exited;

        public Task<bool> ProbeAsync(string path, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException("A service manager probes nothing.");

        public void Terminate() => process.Terminate();

        public void Kill() => process.Kill();

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }

    private sealed class ServiceLog(RestartList restarts) : ISupervisionLog
    {
        private bool _killed;

        public void Started() => _killed = false;

        public void Terminating()
        {
        }

        public void Killing() => _killed = true;

        public void Ended(int exitCode, TimeSpan life, TimeSpan backOff) => restarts.Add(0, life, exitCode, backOff, ReplicaPhase.Draining, _killed);
    }
}

/// <summary>What <c>activation</c> was asked to do.</summary>
/// <param name="Restarts">The drill is over after that many.</param>
internal sealed record ActivationOptions(Transport Transport, int Restarts, TimeSpan Limit, string Capacity, double RequestsPerSecond, int Clients)
    : ServiceDrillOptions(Transport, Limit, Capacity, RequestsPerSecond, Clients);

/// <summary>Everything a report of <c>activation</c> says.</summary>
/// <param name="Away">Of each restart, from the process's word that it stops to its successor's that it is ready.</param>
/// <param name="Watchdogs">How often a process has said that it is alive.</param>
internal sealed record ActivationResult(ActivationOptions Options, CountedLoad Load, IReadOnlyList<TimeSpan> Away, int Watchdogs) : ServiceDrillResult(Load);
