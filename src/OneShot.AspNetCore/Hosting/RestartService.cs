using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Logging;
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
    private RestartReload? _reload;
    private RestartMonitor? _monitor;
    private HeapBudget? _heap;
    private ListeningSockets? _sockets;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        OneShotOptions options = services.GetRequiredService<IOptions<OneShotOptions>>().Value;
        bool hasArena = OneShotMarker.IsIn(services);
        ILogger logger = services.GetRequiredService<ILogger<RestartService>>();
        if (options.MemoryCheck != MemoryCheck.Off && (hasArena || options.Heap.Budget > 0))
        {
            StartupMemoryCheck.Run(
                options, hasArena ? options.Capacity + options.OverBudgetCapacity : 0, ContainerMemoryLimit.Read(), GcHeapLimit.Read(), logger);
        }

        if (options.Restart.Succeed && options.Heap.LongestPopulation > options.Restart.SuccessorTimeout)
        {
            Events.HeapBudgetStartLong(logger, options.Heap.Total, new WholeSeconds(options.Heap.LongestPopulation), new WholeSeconds(options.Restart.SuccessorTimeout));
        }

        if (hasArena)
        {
            services.GetRequiredService<ArenaMetrics>();
        }

        services.GetRequiredService<RestartMetrics>();
        services.GetRequiredService<HeapMetrics>();
        _heap = services.GetRequiredService<HeapBudget>();
        _monitor = services.GetRequiredService<RestartMonitor>();
        _sockets = services.GetRequiredService<ListeningSockets>();
        IHostApplicationLifetime? lifetime = services.GetService<IHostApplicationLifetime>();
        lifetime?.ApplicationStarted.Register(_sockets.TellReady);
        lifetime?.ApplicationStarted.Register(_heap.Start); // before that one, and by itself in a host that does not know IHostedLifecycleService, as IWebHost
        _reload = ActivatorUtilities.CreateInstance<RestartReload>(services);
        _monitor.Start();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // A host that stops meanwhile does not wait for memory. Not by the token of the start, which HostOptions.StartupTimeout ends as well: the host goes on then.
        CancellationToken stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? cancellationToken;
        using (stopping.Register(static heap => ((HeapBudget?)heap)?.Stop(), _heap))
        {
            _heap?.Start();
        }

        StartLine.Write(services, services.GetRequiredService<ILogger<RestartService>>());
        return Task.CompletedTask;
    }

    /// <summary>
    /// Before the server stops: Kestrel ends its listeners and, in the same moment, every connection that has sent nothing yet, also one that was accepted just
    /// now, whose request is on its way. So the listeners end first.
    /// </summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => _sockets?.StopAcceptingAsync(isHandedOver: false, cancellationToken) ?? Task.CompletedTask;

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
