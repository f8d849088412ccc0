using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Succession;
using OneShot.AspNetCore.Telemetry;

namespace OneShot.AspNetCore.Hosting;

/// <summary>The services of the restart ladder, with an arena or without.</summary>
internal static class RestartSetup
{
    /// <summary>The share of the container's limit up to which memory is faulted in where nobody watches that limit: the kernel kills at the whole.</summary>
    private const double MostPopulated = 0.95;

    /// <summary>Adds them; again changes nothing.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.AddOptions<OneShotOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OneShotOptions>, OneShotOptionsValidator>());
        if (!services.Any(static service => service.ImplementationType == typeof(DrainingStartupFilter)))
        {
            services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, DrainingStartupFilter>()); // the first is the outermost
        }

        services.AddMetrics();
        services.TryAddSingleton<RestartMetrics>();
        services.TryAddSingleton<HeapMetrics>();
        services.TryAddSingleton(static provider =>
        {
            OneShotOptions options = Options(provider);
            // All of it is resident at once then, and no collection gives any back: beyond the warning a process would be restarted as soon as it has started.
            double share = Math.Min(options.Restart.MemoryLimit.RestartsFrom, MostPopulated);
            return new HeapBudget(
                options.Heap,
                options.Restart.WarnAt,
                new RuntimeNoGCRegion(options.Heap.PopulateAtStart ? new HeapPages(() => FreeMemory.Read(share)) : null),
                provider.GetService<ILogger<HeapBudget>>() ?? NullLogger<HeapBudget>.Instance);
        });
        services.TryAddSingleton(static provider => MemoryLimits.Find(Options(provider).Restart.MemoryLimit));
        services.TryAddSingleton(static provider =>
        {
            TimeProvider time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            ILogger<RestartMonitor> logger = provider.GetService<ILogger<RestartMonitor>>() ?? NullLogger<RestartMonitor>.Instance;
            return new RestartMonitor(
                Sources(provider, time),
                Options(provider).Restart,
                Random.Shared.NextDouble(),
                time,
                new SelfDrain(time, logger, provider.GetService<IHostApplicationLifetime>(), new HandOver(provider.GetRequiredService<ListeningSockets>(), provider.GetService<StartSuccessor>() ?? SuccessorProcess.Start, time, logger)),
                logger,
                new DrainPermit(provider.GetService<IRestartGate>(), Random.Shared.NextDouble(), time, logger));
        });
        services.TryAddSingleton(static provider =>
        {
            ILogger logger = provider.GetService<ILogger<RestartMonitor>>() ?? NullLogger<RestartMonitor>.Instance;
            return new ListeningSockets(Inheritance.Claim(logger), logger);
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<SocketTransportOptions>, ListeningSocketsSetup>());
        services.AddHostedService<RestartService>();
    }

    /// <summary>What fills on the way to a restart.</summary>
    private static List<IMemorySource> Sources(IServiceProvider provider, TimeProvider time)
    {
        List<IMemorySource> sources = [];
        if (OneShotMarker.IsIn(provider))
        {
            sources.Add(new ArenaSource(provider.GetRequiredService<ProcessArena>(), time));
        }

        HeapBudget heap = provider.GetRequiredService<HeapBudget>();
        if (heap.State != HeapBudgetState.Off)
        {
            sources.Add(heap);
        }

        sources.AddRange(provider.GetRequiredService<MemoryLimits>().Sources(provider.GetService<FullCollection>() ?? new FullCollection(time)));
        return sources;
    }

    private static OneShotOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<OneShotOptions>>().Value;
}
