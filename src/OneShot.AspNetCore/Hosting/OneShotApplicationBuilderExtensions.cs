using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OneShot;
using OneShot.AspNetCore.Hosting;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Restart;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts an arena on every <c>HttpContext</c>.</summary>
public static class OneShotApplicationBuilderExtensions
{
    /// <summary>
    /// Attaches an arena to every request from here on down the pipeline and takes it back when the request comes back
    /// up, also when the app throws or the client goes away. A request that has an arena keeps it. In a host it need not be
    /// called: <c>services.AddOneShotArena()</c> puts it before all other middleware. What the call still decides is where, under
    /// <see cref="ArenaExhaustion.Reject"/>, a request that has run out of memory becomes 503.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>services.AddOneShotArena()</c> was not called.</exception>
    public static IApplicationBuilder UseOneShotArena(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        OneShotMarker.ThrowIfMissing(app.ApplicationServices, "app.UseOneShotArena()");

        OneShotMarker marker = app.ApplicationServices.GetRequiredService<OneShotMarker>();
        return app.Use(next => marker.IsFirstInPipeline && !Rejects(app.ApplicationServices) ? next : Build(app.ApplicationServices, next));
    }

    /// <summary>The same, before all other middleware.</summary>
    internal static void UseFirst(IApplicationBuilder app, OneShotMarker marker)
    {
        marker.IsFirstInPipeline = true; // before the rest of the pipeline is built
        app.Use(next => Build(app.ApplicationServices, next));
    }

    private static bool Rejects(IServiceProvider services) =>
        services.GetRequiredService<RequestArenaPool>().Process.Exhaustion == ArenaExhaustion.Reject;

    // When the server starts, after the options are validated: here the native memory is reserved.
    private static RequestDelegate Build(IServiceProvider services, RequestDelegate next)
    {
        RequestArenaMiddleware middleware = new(
            next,
            services.GetRequiredService<RequestArenaPool>(),
            services.GetRequiredService<RestartMonitor>(),
            services.GetRequiredService<ILogger<RequestArenaMiddleware>>());
        return middleware.InvokeAsync;
    }
}
