using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Http1;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Hosting;

/// <summary>How the front gets into Kestrel: the server decorated, a connection middleware on the endpoint.</summary>
internal static class Http1Setup
{
    /// <summary>
    /// Puts <see cref="Http1Server"/> around the Kestrel that is registered now; again changes nothing. Another server, such as a
    /// TestServer in its place, is left as it is.
    /// </summary>
    /// <returns>False when there is no server yet.</returns>
    public static bool TryAdd(IServiceCollection services)
    {
        ServiceDescriptor? server = services.LastOrDefault(static service => service.ServiceType == typeof(IServer));
        if (server is null)
        {
            return false;
        }

        // A server made by a factory may be Kestrel; decorated without endpoints of Kestrel, it only passes calls on.
        if (server.ImplementationType is null || server.ImplementationType.Assembly == typeof(KestrelServerOptions).Assembly)
        {
            Decorate(services, server);
        }

        services.TryAddSingleton<Http1Endpoints>();
        return true;
    }

    /// <summary>Adds the front to the endpoint. What is HTTP/2, TLS or not configured for HTTP/1.1 goes on to Kestrel's own stack.</summary>
    public static void Use(ListenOptions listenOptions, string caller)
    {
        IServiceProvider services = listenOptions.ApplicationServices;
        OneShotMarker.ThrowIfMissing(services, caller);

        // The protocols and the services are read when the endpoint is bound: both may still be changed after this call.
        listenOptions.Use(next => Build(listenOptions, next).OnConnectionAsync);
        services.GetService<Http1Endpoints>()?.Add();
    }

    private static void Decorate(IServiceCollection services, ServiceDescriptor inner)
    {
        if (services.Any(static descriptor => descriptor.ServiceType == typeof(Http1Front)))
        {
            return;
        }

        services.AddSingleton<Http1Front>();
        services[services.IndexOf(inner)] = ServiceDescriptor.Singleton<IServer>(
            provider => new Http1Server(CreateInner(provider, inner), provider.GetRequiredService<Http1Front>()));
    }

    private static Http1ConnectionMiddleware Build(ListenOptions endpoint, ConnectionDelegate next)
    {
        Http1Front front = endpoint.ApplicationServices.GetService<Http1Front>()
            ?? throw new InvalidOperationException(
                "UseOneShotHttp1() on an endpoint needs the services of the front: call builder.Services.AddOneShotArena() "
                + "after Kestrel has been added (WebApplication.CreateBuilder does that), or builder.WebHost.UseOneShotHttp1().");

        // As Kestrel: there is an HTTP/3 to offer where something is registered that listens for it.
        bool offersHttp3 = endpoint.Protocols.HasFlag(HttpProtocols.Http3)
            && !endpoint.DisableAltSvcHeader
            && endpoint.ApplicationServices.GetServices<IMultiplexedConnectionListenerFactory>().Any();
        return new Http1ConnectionMiddleware(front, endpoint.Protocols, new AltSvc(offersHttp3), next);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "A descriptor's implementation type keeps its public constructors.")]
    private static IServer CreateInner(IServiceProvider provider, ServiceDescriptor descriptor) => (IServer)(
        descriptor.ImplementationInstance
        ?? descriptor.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, descriptor.ImplementationType!));
}
