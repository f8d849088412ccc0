using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>Puts what closes the connections of a draining process before all other middleware. Where there is an arena, its middleware does that.</summary>
internal sealed class DrainingStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (!OneShotMarker.IsIn(app.ApplicationServices))
        {
            app.Use(next => new DrainingMiddleware(next, app.ApplicationServices.GetRequiredService<RestartMonitor>()).InvokeAsync);
        }

        next(app);
    };
}
