using System.Net;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>A body that knows whether it was asked for.</summary>
internal sealed class WatchedContent(byte[] bytes) : HttpContent
{
    internal bool WasSent { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        WasSent = true;
        await stream.WriteAsync(bytes);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
