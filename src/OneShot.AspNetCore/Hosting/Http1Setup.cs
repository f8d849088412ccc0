using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OneShot.AspNetCore.Http1;
using OneShot.AspNetCore.Http1.Endpoints;

namespace OneShot.AspNetCore.Hosting;

/// <summary>How the front gets into Kestrel: the server decorated, a place in the endpoint's chain.</summary>
internal static class Http1Setup
{
    /// <summary>Adds the services of the front: they are there whether or not there is a server yet.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.TryAddSingleton<Http1Front>();
        services.TryAddSingleton<Http1Endpoints>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Http1EndpointCheck>());
    }

    /// <summary>
    /// Puts <see cref="Http1Server"/> around the Kestrel that is registered now; again changes nothing. Another server, such as a
    /// TestServer in its place, is left as it is.
    /// </summary>
    /// <returns>False when there is no server yet.</returns>
    public static bool TryDecorate(IServiceCollection services)
    {
        ServiceDescriptor? server = services.LastOrDefault(static service => service.ServiceType == typeof(IServer));
        if (server is null)
        {
            return false;
        }

        // A server made by a factory may be Kestrel; decorated without endpoints of Kestrel, it only passes calls on.
        if (server is not DecoratedServer
            && (server.ImplementationType is null || server.ImplementationType.Assembly == typeof(KestrelServerOptions).Assembly))
        {
            services[services.IndexOf(server)] = new DecoratedServer(server);
        }

        return true;
    }

    /// <summary>Asks for the front on the endpoint. Where it stands there is decided when the endpoint is bound.</summary>
    public static void Use(ListenOptions listenOptions, string caller)
    {
        IServiceProvider services = listenOptions.ApplicationServices;
        OneShotMarker.ThrowIfMissing(services, caller);
        services.GetRequiredService<Http1Endpoints>().Add(listenOptions);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "A descriptor's implementation type keeps its public constructors.")]
    private static IServer CreateInner(IServiceProvider provider, ServiceDescriptor descriptor) => (IServer)(
        descriptor.ImplementationInstance
        ?? descriptor.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!));

    private sealed class DecoratedServer(ServiceDescriptor inner) : ServiceDescriptor(
        typeof(IServer),
        provider => new Http1Server(
            CreateInner(provider, inner), provider.GetRequiredService<Http1Front>(), provider.GetRequiredService<Http1Endpoints>()),
        ServiceLifetime.Singleton);
}
