using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HeaderServer.Systemd;

/// <summary>
/// Tells the service manager how the process is: sd_notify(3). <c>READY=1</c> when it listens, <c>STOPPING=1</c> when it begins to
/// stop, and, where the unit has a <c>WatchdogSec</c>, <c>WATCHDOG=1</c> twice in that time as long as the liveness checks hold. A
/// process that hangs, or whose liveness fails, sends none, and is killed and started again.
/// </summary>
internal sealed class ServiceNotifications(HealthCheckService health, IHostApplicationLifetime lifetime) : BackgroundService
{
    private const string SocketVariable = "NOTIFY_SOCKET";
    private const string WatchdogVariable = "WATCHDOG_USEC";

    /// <returns>Whether there is a service manager to tell.</returns>
    public static bool TryAdd(IServiceCollection services)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(SocketVariable)))
        {
            return false;
        }

        services.AddHostedService<ServiceNotifications>();
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using ServiceSocket manager = new(Environment.GetEnvironmentVariable(SocketVariable)!);
        using CancellationTokenRegistration started = lifetime.ApplicationStarted.Register(() => manager.Send("READY=1"));
        using CancellationTokenRegistration stopping = lifetime.ApplicationStopping.Register(() => manager.Send("STOPPING=1"));
        try
        {
            if (Interval(Environment.GetEnvironmentVariable(WatchdogVariable)) is { } interval)
            {
                await WatchAsync(manager, interval, stoppingToken);
            }
            else
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>Half of the time that the manager waits, as sd_watchdog_enabled(3) says; null for no watchdog.</summary>
    internal static TimeSpan? Interval(string? microseconds) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long time) && time > 0 ? TimeSpan.FromMicroseconds(time) / 2 : null;

    private async Task WatchAsync(ServiceSocket manager, TimeSpan interval, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(interval);
        do
        {
            HealthReport report = await health.CheckHealthAsync(static check => check.Tags.Contains("live"), cancellationToken);
            if (report.Status != HealthStatus.Unhealthy)
            {
                manager.Send("WATCHDOG=1");
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>The manager's datagram socket. Whoever does not listen is not told: a notification is never a reason to fail.</summary>
    private sealed class ServiceSocket(string path) : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

        // "@name" is in the abstract namespace, whose names begin with a zero byte.
        private readonly UnixDomainSocketEndPoint _address = new(path[0] == '@' ? $"\0{path[1..]}" : path);

        public void Send(string state)
        {
            try
            {
                _socket.SendTo(Encoding.UTF8.GetBytes(state), _address);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // See above.
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
