using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Restart;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts an arena on every <c>HttpContext</c>.</summary>
public static class OneShotApplicationBuilderExtensions
{
    /// <summary>
    /// Attaches an arena to every request from here on down the pipeline and takes it back when the request comes back
    /// up, also when the app throws or the client goes away. Call it first, so that every middleware has it. A request
    /// that came in through the HTTP/1.1 front keeps the arena it has.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>services.AddOneShotArena()</c> was not called.</exception>
    public static IApplicationBuilder UseOneShotArena(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        OneShotMarker.ThrowIfMissing(app.ApplicationServices, "app.UseOneShotArena()");

        return app.Use(next =>
        {
            // Built when the server starts, after the options are validated: here the native memory is reserved.
            IServiceProvider services = app.ApplicationServices;
            RequestArenaMiddleware middleware = new(
                next,
                services.GetRequiredService<RequestArenaPool>(),
                services.GetRequiredService<RestartMonitor>(),
                services.GetRequiredService<ILogger<RequestArenaMiddleware>>());
            return middleware.InvokeAsync;
        });
    }
}
