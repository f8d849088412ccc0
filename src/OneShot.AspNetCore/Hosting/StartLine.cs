using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Http1.Endpoints;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>What a process runs on, in one line of the log when it has started.</summary>
internal static class StartLine
{
    /// <summary>Arena bytes of a browser's head of 16 headers, as the load test measures it (docs/sizing.md).</summary>
    private const int BrowserHead = 780;

    private static readonly System.Net.IPEndPoint s_anyEndPoint = new(System.Net.IPAddress.Loopback, 0);

    public static void Write(IServiceProvider services, ILogger logger)
    {
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        bool hasArena = OneShotMarker.IsIn(services);
        if (hasArena)
        {
            ProcessArena process = services.GetRequiredService<ProcessArena>();
            Events.Started(
                logger,
                Front(services.GetService<Http1Endpoints>()),
                Transport(services) ?? "none",
                process.Reclamation,
                ByteSize.Format(process.Capacity),
                Life(process, services.GetRequiredService<RestartMonitor>().DrainAt),
                Heap(services.GetRequiredService<HeapBudget>()));
        }

        RestartReading reading = services.GetRequiredService<RestartMonitor>().Read();
        if (!hasArena || reading.Sources.Count > 1)
        {
            Events.RestartSources(logger, reading.Sources.Count == 0 ? "nothing, since neither the container nor the heap of the GC has a limit" : string.Join(", ", reading.Sources.Select(Describe)));
        }
    }

    private static string Describe(SourceReading source) => string.Create(
        CultureInfo.InvariantCulture, $"{source.Source.Name} (limit {ByteSize.Format(source.Limit)}, {100 * source.Utilization:0} % used, drains at {100 * source.Ladder.DrainAt:0.#} %)");

    private static string Front(Http1Endpoints? endpoints) =>
        endpoints?.Served() is { Count: > 0 } served ? string.Join(", ", served) : "no endpoint";

    /// <summary>The assembly of what Kestrel asks first for a TCP listener; null where there is no Kestrel.</summary>
    private static string? Transport(IServiceProvider services) => services.GetServices<IConnectionListenerFactory>()
        .LastOrDefault(static factory => factory is not IConnectionListenerFactorySelector selector || selector.CanBind(s_anyEndPoint))
        ?.GetType().Assembly.GetName().Name;

    private static string Life(ProcessArena process, double drainAt) => process.Policy.MemoryComesBack ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $", which last for about {drainAt * process.Capacity / BrowserHead:N0} requests of a browser's head ({BrowserHead} bytes); the process is restarted then");

    private static string Heap(HeapBudget heap) => heap.State == HeapBudgetState.Off ? "" : $"; heap budget {ByteSize.Format(heap.Limit)}, {heap.State}";
}
