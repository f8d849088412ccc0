using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Requests;

/// <summary>Sends clients elsewhere while the process drains, on servers of others: this response is its connection's last.</summary>
internal static class LastOfConnection
{
    /// <summary>Does so where the connection's turn has come. The response must not have started.</summary>
    public static void MarkInTurn(HttpContext context, RestartMonitor restart)
    {
        if (restart.ClosesConnections && restart.ClosesConnection(context.Connection.Id))
        {
            Mark(context);
        }
    }

    private static void Mark(HttpContext context)
    {
        string protocol = context.Request.Protocol;
        if (HttpProtocol.IsHttp11(protocol) || HttpProtocol.IsHttp10(protocol))
        {
            // When the head goes out: whoever replaces the response until then (an error page) would drop the field.
            context.Response.OnStarting(static response => Close((HttpResponse)response), context.Response);
        }
        else if (HttpProtocol.IsHttp2(protocol))
        {
            // There the field is forbidden (RFC 9113, section 8.2.2). Kestrel sends GOAWAY and serves the streams that are open.
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    private static Task Close(HttpResponse response)
    {
        // A connection that changes its protocol needs the field for that, and serves no further request anyway.
        if (response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers[HeaderNames.Connection] = "close"; // RFC 9112, section 9.6
        }

        return Task.CompletedTask;
    }
}
