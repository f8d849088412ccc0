using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Http1.Exchange;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>The response body as a stream: every write goes to the same <see cref="Http1Response"/> and is flushed.</summary>
/// <param name="writer">The connection's.</param>
/// <param name="control">Says whether synchronous IO is allowed.</param>
/// <param name="isUpgraded">It writes the bytes of an upgraded connection, which are no response body.</param>
internal sealed class ResponseBodyStream(Http1Response writer, IHttpBodyControlFeature control, bool isUpgraded = false) : BodyStream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override void Write(byte[] buffer, int offset, int count)
    {
        ThrowIfSynchronousForbidden(control, nameof(WriteAsync));
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override void Flush()
    {
        ThrowIfSynchronousForbidden(control, nameof(WriteAsync));
        FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        AsVoid(isUpgraded ? writer.WriteRawAsync(buffer, cancellationToken) : writer.WriteAsync(buffer, cancellationToken));

    // The base would call Write on another thread, which is synchronous IO.
    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        AsVoid(isUpgraded ? writer.WriteRawAsync(default, cancellationToken) : writer.FlushAsync(cancellationToken)).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static ValueTask AsVoid(ValueTask<FlushResult> flush)
    {
        if (!flush.IsCompletedSuccessfully)
        {
            return AwaitAsync(flush);
        }

        flush.GetAwaiter().GetResult();
        return default;

        static async ValueTask AwaitAsync(ValueTask<FlushResult> flush) => await flush;
    }
}
