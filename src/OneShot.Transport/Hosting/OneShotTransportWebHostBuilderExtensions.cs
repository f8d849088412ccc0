using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.Transport;
using OneShot.Transport.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Sets up the transport.</summary>
public static class OneShotTransportWebHostBuilderExtensions
{
    /// <summary>
    /// Kestrel serves TCP and Unix sockets on Linux by event loops on which a request runs from the socket to its answer on one
    /// thread. Other end points, and other systems, stay with Kestrel's own transport. In any order with what else sets Kestrel up.
    /// </summary>
    /// <param name="builder">The host that Kestrel runs in.</param>
    /// <param name="configure">Changes the defaults.</param>
    public static IWebHostBuilder UseOneShotTransport(this IWebHostBuilder builder, Action<OneShotTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            if (configure is not null)
            {
                services.Configure(configure);
            }

            // The last one registered is asked first. Kestrel adds its own only where there is none yet, so it is added here, before.
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, SocketTransportFactory>());
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, OneShotTransportFactory>());
        });
    }
}
