using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Succession;
using OneShot.AspNetCore.Telemetry;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Before the server takes its first request: looks whether arena and heap budget fit into the container, and starts what watches it. When the
/// host has started, lets the heap budget begin: what the start itself has allocated is collected before. Ends both after the last request.
/// </summary>
/// <remarks>It asks the container at start, not before: the process arena must not be made of options that were not validated.</remarks>
internal sealed class RestartService(IServiceProvider services) : IHostedLifecycleService
{
    /// <summary>Some round trips: what was accepted last has sent its request by then.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(100);

    private RestartReload? _reload;
    private RestartMonitor? _monitor;
    private HeapBudget? _heap;
    private ListeningSockets? _sockets;
    private TimeProvider _time = TimeProvider.System;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        OneShotOptions options = services.GetRequiredService<IOptions<OneShotOptions>>().Value;
        bool hasArena = OneShotMarker.IsIn(services);
        if (options.MemoryCheck != MemoryCheck.Off && (hasArena || options.Heap.Budget > 0))
        {
            StartupMemoryCheck.Run(
                options, hasArena ? options.Capacity + options.OverBudgetCapacity : 0, ContainerMemoryLimit.Read(), GcHeapLimit.Read(), services.GetRequiredService<ILogger<RestartService>>());
        }

        if (hasArena)
        {
            services.GetRequiredService<ArenaMetrics>();
        }

        services.GetRequiredService<RestartMetrics>();
        services.GetRequiredService<HeapMetrics>();
        _heap = services.GetRequiredService<HeapBudget>();
        _monitor = services.GetRequiredService<RestartMonitor>();
        _time = services.GetService<TimeProvider>() ?? _time;
        _sockets = services.GetRequiredService<ListeningSockets>();
        services.GetService<IHostApplicationLifetime>()?.ApplicationStarted.Register(_sockets.TellReady);
        _reload = ActivatorUtilities.CreateInstance<RestartReload>(services);
        _monitor.Start();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _heap?.Start();
        StartLine.Write(services, services.GetRequiredService<ILogger<RestartService>>());
        return Task.CompletedTask;
    }

    /// <summary>
    /// Before the server stops: Kestrel ends its listeners and, in the same moment, every connection that has sent nothing yet, also one that was accepted just
    /// now, whose request is on its way. So the listeners end first.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_sockets?.StopAccepting() == true)
        {
            await Task.Delay(s_settling, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks the container for nothing, as above: a host that is stopped twice may have ended it already.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _reload?.Dispose();
        _monitor?.Stop();
        _heap?.Stop();
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
