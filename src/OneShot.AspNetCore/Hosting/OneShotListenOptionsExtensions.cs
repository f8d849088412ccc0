using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts the HTTP/1.1 front, which parses heads into the request's arena, inside the connections of one endpoint.</summary>
public static class OneShotListenOptionsExtensions
{
    /// <summary>
    /// Puts the HTTP/1.1 front on this endpoint; before or after <c>UseHttps()</c>: TLS and HTTP/2 stay Kestrel's.
    /// Needs <c>services.AddOneShotArena()</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>services.AddOneShotArena()</c> was not called.</exception>
    public static ListenOptions UseOneShotHttp1(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        Http1Setup.Use(listenOptions, "listenOptions.UseOneShotHttp1()");
        return listenOptions;
    }
}
