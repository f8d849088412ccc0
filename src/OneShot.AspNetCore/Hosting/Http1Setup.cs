using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Http1;

namespace OneShot.AspNetCore.Hosting;

/// <summary>The steps that both ways to the HTTP/1.1 front have in common: for the whole web host, and for one endpoint.</summary>
internal static class Http1Setup
{
    /// <summary>Prepares Kestrel for the front. Another server, such as a TestServer in its place, is left as it is.</summary>
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
            Http1Registration.Decorate(services);
        }

        services.TryAddSingleton<Http1Endpoints>();
        return true;
    }

    public static void Use(ListenOptions listenOptions, string caller)
    {
        IServiceProvider services = listenOptions.ApplicationServices;
        OneShotMarker.ThrowIfMissing(services, caller);
        Http1Registration.Use(listenOptions);
        services.GetService<Http1Endpoints>()?.Add();
    }
}
