using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Http1.Tls;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// Stands in an endpoint's connection pipeline. Decides by the first bytes whose connection it is: HTTP/1.x is the front's,
/// anything else goes on, unread, to Kestrel's own stack.
/// </summary>
internal sealed class Http1ConnectionMiddleware(Http1Front front, HttpProtocols protocols, AltSvc altSvc, ConnectionDelegate next)
{
    internal async Task OnConnectionAsync(ConnectionContext connection)
    {
        Http1Connection http1 = Open(connection, connection.Transport);
        PeekedProtocol protocol = await PeekAsync(connection);
        if (protocol == PeekedProtocol.Http1)
        {
            await front.Application!.RunConnectionAsync(http1);
            return;
        }

        http1.Timeouts.Stop(); // from here on the clocks are Kestrel's
        await next(protocol == PeekedProtocol.Tls ? new TlsHandover(connection, ServeDecryptedAsync) : connection);
    }

    private Task ServeDecryptedAsync(ConnectionContext connection, IDuplexPipe decrypted) =>
        front.Application!.RunConnectionAsync(Open(connection, decrypted));

    private Http1Connection Open(ConnectionContext connection, IDuplexPipe pipe)
    {
        var http1 = new Http1Connection(connection, pipe, front) { AltSvcLine = altSvc.LineFor(connection.LocalEndPoint) };
        http1.StartClock();
        return http1;
    }

    private async ValueTask<PeekedProtocol> PeekAsync(ConnectionContext connection)
    {
        if (!protocols.HasFlag(HttpProtocols.Http1)
            || connection.Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2)
        {
            return PeekedProtocol.Other;
        }

        PipeReader input = connection.Transport.Input;
        using CancellationTokenRegistration stop = CancelReadOnStop(connection);
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync();
            }
            catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
            {
                return PeekedProtocol.Other; // gone before it said a word; Kestrel's own stack ends it as it ends its own
            }

            ReadOnlySequence<byte> buffer = read.Buffer;
            PeekedProtocol peeked = FirstBytes.Classify(buffer, protocols.HasFlag(HttpProtocols.Http2));
            bool enough = peeked != PeekedProtocol.NeedMore || read.IsCompleted || read.IsCanceled;

            // Examined up to the start only when the next reader is to see the same bytes at once.
            input.AdvanceTo(buffer.Start, enough ? buffer.Start : buffer.End);
            if (enough)
            {
                return peeked == PeekedProtocol.NeedMore ? PeekedProtocol.Http1 : peeked;
            }
        }
    }

    /// <summary>A client that has connected and said nothing must not hold up a graceful stop.</summary>
    private static CancellationTokenRegistration CancelReadOnStop(ConnectionContext connection) =>
        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.UnsafeRegister(
            static state => ((PipeReader)state!).CancelPendingRead(), connection.Transport.Input) ?? default;
}
