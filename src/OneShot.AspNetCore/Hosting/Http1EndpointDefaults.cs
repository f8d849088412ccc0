using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Http1.Endpoints;

namespace OneShot.AspNetCore.Hosting;

/// <summary>Puts the front into Kestrel's endpoint defaults, as the first of all that configures Kestrel.</summary>
internal sealed class Http1EndpointDefaults(IServiceProvider services) : IConfigureOptions<KestrelServerOptions>
{
    private const string Caller = "builder.WebHost.UseOneShotHttp1()";

    public void Configure(KestrelServerOptions options)
    {
        // Told here and not only per endpoint: an application that replaces the defaults would not hear of it otherwise.
        OneShotMarker.ThrowIfMissing(services, Caller);
        services.GetRequiredService<Http1Endpoints>().IsForAll = true;
        options.ConfigureEndpointDefaults(static listenOptions => Http1Setup.Use(listenOptions, Caller));
    }
}
