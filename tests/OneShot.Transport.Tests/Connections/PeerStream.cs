namespace OneShot.Transport.Tests.Connections;

/// <summary>The peer's side of a pair as a stream. A read takes a byte at a time, which is all that a test needs of it.</summary>
internal sealed class PeerStream(PipePair pair) : TwoWayStream(Null, Null)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0; // TLS asks so whether there is something
        }

        byte[] bytes = await pair.ReceiveAsync(1);
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await pair.SendAsync(buffer);
}
