using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>How the front gets into Kestrel: the server decorated, a connection middleware on the endpoint.</summary>
internal static class Http1Registration
{
    /// <summary>
    /// Puts <see cref="Http1Server"/> around the server that is registered now. Calling it again changes nothing.
    /// </summary>
    /// <returns>False when no server is registered yet.</returns>
    internal static bool Decorate(IServiceCollection services)
    {
        if (services.Any(descriptor => descriptor.ServiceType == typeof(Http1Front)))
        {
            return true;
        }

        int index = services.Count - 1;
        while (index >= 0 && services[index].ServiceType != typeof(IServer))
        {
            index--;
        }

        if (index < 0)
        {
            return false;
        }

        ServiceDescriptor inner = services[index];
        services.TryAddSingleton<Http1Front>();
        services[index] = ServiceDescriptor.Singleton<IServer>(
            provider => new Http1Server(CreateInner(provider, inner), provider.GetRequiredService<Http1Front>()));
        return true;
    }

    /// <summary>Adds the front to the endpoint. What is HTTP/2, TLS or not configured for HTTP/1.1 goes on to Kestrel's own stack.</summary>
    internal static ListenOptions Use(ListenOptions endpoint)
    {
        // The protocols and the services are read when the endpoint is bound: both may still be changed after this call.
        endpoint.Use(next => Build(endpoint, next).OnConnectionAsync);
        return endpoint;
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
