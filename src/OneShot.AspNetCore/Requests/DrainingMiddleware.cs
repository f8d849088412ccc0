using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Requests;

/// <summary>Sends clients elsewhere while the process drains, where no arena is there to do it with: each answer is its connection's last.</summary>
internal sealed class DrainingMiddleware(RequestDelegate next, RestartMonitor restart)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (restart.ClosesConnections)
        {
            LastOfConnection.Mark(context);
        }

        return next(context);
    }
}
