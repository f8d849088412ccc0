using System.Net;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>A body without an end, that says when so much of it is on its way.</summary>
internal sealed class EndlessContent(int bytes, Action reached) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] piece = new byte[10_000];
        for (int sent = 0; ; sent += piece.Length)
        {
            await stream.WriteAsync(piece, cancellationToken);
            if (sent == bytes)
            {
                reached();
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
