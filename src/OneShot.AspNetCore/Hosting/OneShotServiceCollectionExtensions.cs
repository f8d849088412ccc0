using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OneShot;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the process arena and what requests need of it, or the restart ladder alone.</summary>
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

        ReadApplication(services, isForRestartAlone: false);
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

        Read(services, configuration, isForRestartAlone: false);
        return AddCore(services);
    }

    /// <summary>
    /// Adds the way to a planned restart by itself, without an arena: what watches the container's memory against its limit, the GC's heap
    /// against its own, and the heap budget where there is one; the steps of <see cref="RestartOptions"/> with connections
    /// that close while the process drains, self-drain, metrics and logs. Options come from <c>Restart</c> and <c>Heap</c> in the section <c>OneShot</c> of the
    /// application's configuration where there is one, else they are the defaults.
    /// </summary>
    /// <remarks>
    /// Probes need the health checks besides: <c>services.AddHealthChecks().AddOneShotRestart()</c>. <c>AddOneShotArena()</c> has all of this, and the arena as
    /// one more source; both together, in any order and more than once, are fine.
    /// </remarks>
    public static IServiceCollection AddOneShotRestart(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        ReadApplication(services, isForRestartAlone: true);
        RestartSetup.AddServices(services);
        return services;
    }

    /// <summary>
    /// Adds the way to a planned restart by itself, as <see cref="AddOneShotRestart(IServiceCollection)"/> does, with options set by <paramref name="configure"/> on
    /// top of the defaults; configuration is not read. To have both, call <c>AddOneShotRestart()</c> before.
    /// </summary>
    public static IServiceCollection AddOneShotRestart(this IServiceCollection services, Action<RestartOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);

        services.Configure<OneShotOptions>(options => configure(options.Restart));
        RestartSetup.AddServices(services);
        return services;
    }

    /// <summary>
    /// Adds the way to a planned restart by itself, as <see cref="AddOneShotRestart(IServiceCollection)"/> does, with <c>Restart</c> and <c>Heap</c> from
    /// <paramref name="configuration"/>: a section is read as it is, of a whole configuration the section <c>OneShot</c>.
    /// </summary>
    public static IServiceCollection AddOneShotRestart(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);

        Read(services, configuration, isForRestartAlone: true);
        RestartSetup.AddServices(services);
        return services;
    }

    /// <summary>Options from the application's own configuration, where it has one.</summary>
    private static void ReadApplication(IServiceCollection services, bool isForRestartAlone)
    {
        services.AddSingleton<IConfigureOptions<OneShotOptions>>(provider =>
            provider.GetService<IConfiguration>() is { } configuration
                ? new OneShotOptionsReader(configuration.GetSection(OneShotOptions.SectionName)) { IsForRestartAlone = isForRestartAlone }
                : new ConfigureOptions<OneShotOptions>(action: null));
        services.AddSingleton(static provider => new RestartReloadSource(
            provider.GetService<IConfiguration>()?.GetSection(OneShotOptions.SectionName)));
    }

    private static void Read(IServiceCollection services, IConfiguration configuration, bool isForRestartAlone)
    {
        IConfiguration section = configuration as IConfigurationSection ?? configuration.GetSection(OneShotOptions.SectionName);
        services.AddSingleton<IConfigureOptions<OneShotOptions>>(new OneShotOptionsReader(section) { IsForRestartAlone = isForRestartAlone });
        services.AddSingleton(new RestartReloadSource(section));
    }

    private static IServiceCollection AddCore(IServiceCollection services)
    {
        RestartSetup.AddServices(services);
        if (!services.Any(static service => service.ServiceType == typeof(OneShotMarker)))
        {
            services.AddSingleton<OneShotMarker>();
            services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, RequestArenaStartupFilter>()); // the first is the outermost
        }

        services.TryAddScoped<ScopedRequestArena>();
        services.TryAddScoped<ArenaParameter>();
        services.TryAdd(ServiceDescriptor.Transient(typeof(RequestArena), static provider => provider.GetRequiredService<ArenaParameter>().Arena));
        services.TryAddTransient(static provider => provider.GetRequiredService<ArenaParameter>().Request);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, ArenaParameterPolicy>());
        services.TryAddSingleton(static provider => new ProcessArena(Options(provider).ToProcessArenaOptions()));
        services.TryAddSingleton(static provider => new RequestArenaPool(
            provider.GetRequiredService<ProcessArena>(),
            provider.GetService<ILogger<RequestArenaPool>>(),
            provider.GetRequiredService<RequestMetrics>(),
            provider.GetService<TimeProvider>()));
        services.TryAddSingleton(static provider => new OverBudgetArenas(
            Options(provider).ToOverBudgetOptions(), Options(provider).ConnectionBudget, provider.GetService<ILogger<RequestArenaPool>>(), provider.GetRequiredService<OverBudgetMetrics>(), provider.GetService<TimeProvider>()));
        services.TryAddSingleton<OverBudgetMetrics>();
        services.TryAddSingleton<RequestMetrics>();
        services.TryAddSingleton<ArenaMetrics>();
        services.TryAddSingleton<RejectionMetrics>();
        services.TryAddSingleton(static provider => Options(provider).Http1);

        // With Kestrel already there (as in every WebApplicationBuilder), listenOptions.UseOneShotHttp1() works by itself.
        Http1Setup.AddServices(services);
        Http1Setup.TryDecorate(services);
        return services;
    }

    private static OneShotOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<OneShotOptions>>().Value;
}
