using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using OneShot.AspNetCore.Http1.Endpoints;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// Stands in an endpoint's chain before Kestrel's HTTP. HTTP/1.x is the front's; what TLS or the first bytes say is HTTP/2 goes on,
/// unread, to Kestrel's own stack, which also knows what to tell a client that the endpoint has no HTTP/2.
/// </summary>
internal sealed class Http1ConnectionMiddleware(
    Http1ServiceContext service, Http1Application application, string endpoint, AltSvc altSvc, ConnectionDelegate next) : IConnectionServer
{
    private int _wasPassedBy;

    /// <summary>Where next in the chain is Kestrel's HTTP.</summary>
    internal Task OnConnectionAsync(ConnectionContext connection)
    {
        if (!ApplicationProtocol.IsTls(connection.Features) || ApplicationProtocol.IsHttp1(connection.Features))
        {
            return ServeOrPassOnAsync(connection);
        }

        // Without an agreement it is Kestrel's to say what is spoken here: TLS may have limited it for the name the client asked for.
        return ApplicationProtocol.IsHttp2(connection.Features) ? next(connection) : OnConnectionAheadAsync(connection);
    }

    /// <summary>Where others stand before Kestrel's HTTP, or an end of the chain that is not Kestrel's: theirs is the first move.</summary>
    internal Task OnConnectionAheadAsync(ConnectionContext connection) => next(new FrontedConnection(connection, this));

    /// <summary>Kestrel has been handed a connection that is not the one the front has passed on. Said once for the endpoint.</summary>
    public void PassedBy()
    {
        if (Interlocked.Exchange(ref _wasPassedBy, 1) == 0)
        {
            Events.PassedBy(service.Logger, endpoint);
        }
    }

    private async Task ServeOrPassOnAsync(ConnectionContext connection)
    {
        if (!await TryServeAsync(connection, connection.Transport))
        {
            await next(connection);
        }
    }

    /// <summary>Serves the connection over the pipe to its end; false when it is Kestrel's, and nothing was taken from the pipe.</summary>
    public async ValueTask<bool> TryServeAsync(ConnectionContext connection, IDuplexPipe pipe)
    {
        var lifetime = new ConnectionLifetime(connection, pipe.Input, service.Options.Limits, service.Time, service.Logger);
        if (!ApplicationProtocol.IsHttp1(connection.Features) && !await BeginsAsHttp1Async(connection, pipe.Input, lifetime))
        {
            lifetime.Timeouts.Stop(); // from here on the clocks are Kestrel's
            lifetime.End();
            return false;
        }

        await application.ServeAsync(connection, pipe, lifetime, altSvc.LineFor(connection.LocalEndPoint));
        return true;
    }

    private static async ValueTask<bool> BeginsAsHttp1Async(ConnectionContext connection, PipeReader input, ConnectionLifetime lifetime)
    {
        using CancellationTokenRegistration stop = lifetime.StopWith(connection.Features);
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync();
            }
            catch (Exception)
            {
                return false; // the end before a word was said, in whatever way a transport puts it: Kestrel ends it as it ends its own
            }

            ReadOnlySequence<byte> buffer = read.Buffer;
            PeekedProtocol peeked = FirstBytes.Classify(buffer);
            bool enough = peeked != PeekedProtocol.NeedMore || read.IsCompleted || read.IsCanceled;

            if (!enough && !buffer.IsEmpty)
            {
                lifetime.StartHeadClock();
            }

            // Examined up to the start only when the next reader is to see the same bytes at once.
            input.AdvanceTo(buffer.Start, enough ? buffer.Start : buffer.End);
            if (!enough)
            {
                continue;
            }

            if (read.IsCanceled && peeked != PeekedProtocol.Http2)
            {
                input.CancelPendingRead(); // a timeout or a stop: the front's own read is to hear of it
            }

            return peeked != PeekedProtocol.Http2;
        }
    }
}
