using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Requests;

/// <summary>Sends clients elsewhere while the process drains, where no arena is there to do it with: a connection's answer is its last when its turn has come.</summary>
internal sealed class DrainingMiddleware(RequestDelegate next, RestartMonitor restart)
{
    public Task InvokeAsync(HttpContext context)
    {
        LastOfConnection.MarkInTurn(context, restart);

        return next(context);
    }
}
