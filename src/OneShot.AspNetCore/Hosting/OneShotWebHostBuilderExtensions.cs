using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts the HTTP/1.1 front, which parses heads into the request's arena, inside the connections of Kestrel: on all endpoints.</summary>
public static class OneShotWebHostBuilderExtensions
{
    /// <summary>
    /// Puts the HTTP/1.1 front on every endpoint of Kestrel. HTTP/2 and HTTP/3 stay with Kestrel's own stack; Kestrel's
    /// limits and endpoints are configured as ever. Needs <c>services.AddOneShotArena()</c>, before or after.
    /// </summary>
    /// <remarks>
    /// It stands in Kestrel's endpoint defaults. <c>KestrelServerOptions.ConfigureEndpointDefaults</c> replaces what was
    /// set before, so an application that calls it itself must write <c>listenOptions.UseOneShotHttp1()</c> in its own
    /// callback; a warning at start says so when it is forgotten.
    /// </remarks>
    public static IWebHostBuilder UseOneShotHttp1(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services =>
        {
            if (!Http1Setup.TryDecorate(services))
            {
                throw new InvalidOperationException("UseOneShotHttp1() found no server to stand in: call it after UseKestrel().");
            }

            // At the very front of the line: endpoint defaults apply to the endpoints that are listed after them, and
            // whoever sets them last wins. So the application's own Listen calls get ours, and its own defaults are never lost.
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>, Http1EndpointDefaults>());
        });
    }
}
