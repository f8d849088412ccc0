using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OneShot;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the process arena and what requests need of it.</summary>
public static class OneShotServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="ProcessArena"/> for the process, with options from the section <c>OneShot</c> of the
    /// application's configuration where there is one, else with the defaults. It is released with the container.
    /// </summary>
    /// <remarks>Options are validated when the host starts. Calling this more than once is fine: options add up in order.</remarks>
    public static IServiceCollection AddOneShotArena(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddSingleton<IConfigureOptions<OneShotOptions>>(static provider =>
            provider.GetService<IConfiguration>() is { } configuration
                ? new OneShotOptionsReader(configuration.GetSection(OneShotOptions.SectionName))
                : new ConfigureOptions<OneShotOptions>(action: null));
        services.AddSingleton(static provider => new RestartReloadSource(
            provider.GetService<IConfiguration>()?.GetSection(OneShotOptions.SectionName)));
        return AddCore(services);
    }

    /// <summary>
    /// Adds one <see cref="ProcessArena"/> for the process, with options set by <paramref name="configure"/> on top of
    /// the defaults; configuration is not read. To have both, call <c>AddOneShotArena()</c> before.
    /// </summary>
    public static IServiceCollection AddOneShotArena(this IServiceCollection services, Action<OneShotOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);

        services.Configure(configure);
        return AddCore(services);
    }

    /// <summary>
    /// Adds one <see cref="ProcessArena"/> for the process, with options from <paramref name="configuration"/>: a section
    /// is read as it is, of a whole configuration the section <c>OneShot</c>.
    /// </summary>
    public static IServiceCollection AddOneShotArena(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);

        IConfiguration section = configuration as IConfigurationSection ?? configuration.GetSection(OneShotOptions.SectionName);
        services.AddSingleton<IConfigureOptions<OneShotOptions>>(new OneShotOptionsReader(section));
        services.AddSingleton(new RestartReloadSource(section));
        return AddCore(services);
    }

    private static IServiceCollection AddCore(IServiceCollection services)
    {
        services.AddOptions<OneShotOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OneShotOptions>, OneShotOptionsValidator>());

        if (!services.Any(static service => service.ServiceType == typeof(OneShotMarker)))
        {
            services.AddSingleton<OneShotMarker>();
            services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, RequestArenaStartupFilter>()); // the first is the outermost
        }

        services.TryAddScoped<ScopedRequestArena>();
        services.TryAddSingleton(static provider => new ProcessArena(Options(provider).ToProcessArenaOptions()));
        services.TryAddSingleton(static provider => new RequestArenaPool(
            provider.GetRequiredService<ProcessArena>(),
            provider.GetService<ILogger<RequestArenaPool>>(),
            provider.GetRequiredService<RequestMetrics>(),
            provider.GetService<TimeProvider>()));
        services.AddMetrics();
        services.TryAddSingleton<RequestMetrics>();
        services.TryAddSingleton<ArenaMetrics>();
        services.TryAddSingleton<HeapMetrics>();
        services.TryAddSingleton<RejectionMetrics>();
        services.TryAddSingleton(static provider => Options(provider).Http1);
        AddRestart(services);

        // With Kestrel already there (as in every WebApplicationBuilder), listenOptions.UseOneShotHttp1() works by itself.
        Http1Setup.AddServices(services);
        Http1Setup.TryDecorate(services);
        return services;
    }

    private static void AddRestart(IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new HeapBudget(
            Options(provider).Heap,
            Options(provider).Restart.WarnAt,
            new RuntimeNoGCRegion(),
            provider.GetService<ILogger<HeapBudget>>() ?? NullLogger<HeapBudget>.Instance));
        services.TryAddSingleton(static provider =>
        {
            TimeProvider time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            ILogger<RestartMonitor> logger = provider.GetService<ILogger<RestartMonitor>>() ?? NullLogger<RestartMonitor>.Instance;
            return new RestartMonitor(
                Sources(provider, time),
                Options(provider).Restart,
                Random.Shared.NextDouble(),
                time,
                new SelfDrain(time, logger, provider.GetService<IHostApplicationLifetime>()),
                logger);
        });
        services.AddHostedService<RestartService>();
    }

    /// <summary>What fills on the way to a restart.</summary>
    private static List<IMemorySource> Sources(IServiceProvider provider, TimeProvider time)
    {
        List<IMemorySource> sources = [new ArenaSource(provider.GetRequiredService<ProcessArena>(), time)];
        HeapBudget heap = provider.GetRequiredService<HeapBudget>();
        if (heap.State != HeapBudgetState.Off)
        {
            sources.Add(heap);
        }

        return sources;
    }

    private static OneShotOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<OneShotOptions>>().Value;
}
