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
        services.TryAddSingleton<Http1ServiceContext>();
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
        ServiceDescriptor? server = services.LastOrDefault(static service => service.ServiceType == typeof(IServer) && !service.IsKeyedService);
        if (server is null)
        {
            return false;
        }

        // What a factory makes is looked at when it is made.
        Type? type = server.ImplementationType ?? server.ImplementationInstance?.GetType();
        if (server is not DecoratedServer && (type is null || IsKestrel(type)))
        {
            services[services.IndexOf(server)] = new DecoratedServer(server);
        }

        return true;
    }

    /// <summary>The server is Kestrel itself, and not what somebody has put around it.</summary>
    public static bool IsKestrel(Type server) => server.Assembly == typeof(KestrelServerOptions).Assembly;

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

    /// <summary>
    /// Around Kestrel alone. A server that somebody else has put around Kestrel may also have put something around the application
    /// that Kestrel is started with, and the front would run the application without it.
    /// </summary>
    private static IServer Decorate(IServiceProvider provider, IServer server)
    {
        Http1Endpoints endpoints = provider.GetRequiredService<Http1Endpoints>();
        if (IsKestrel(server.GetType()))
        {
            return new Http1Server(server, provider.GetRequiredService<Http1ServiceContext>(), endpoints);
        }

        endpoints.ForeignServer = server.GetType();
        return server;
    }

    private sealed class DecoratedServer(ServiceDescriptor inner) : ServiceDescriptor(
        typeof(IServer), provider => Decorate(provider, CreateInner(provider, inner)), ServiceLifetime.Singleton);
}
