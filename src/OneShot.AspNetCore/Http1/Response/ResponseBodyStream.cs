using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>The response body as a stream: every write goes to the same <see cref="ResponseBodyWriter"/> and is flushed.</summary>
internal sealed class ResponseBodyStream(ResponseBodyWriter writer, IHttpBodyControlFeature control) : BodyStream
{
    /// <summary>The connection has been upgraded: who still holds this stream must not write into what is another protocol's now.</summary>
    internal bool IsUpgraded { get; set; }

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

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfUpgraded();
        return AsVoid(writer.WriteAsync(buffer, cancellationToken));
    }

    // The base would call Write on another thread, which is synchronous IO.
    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        ThrowIfUpgraded();
        return AsVoid(writer.FlushAsync(cancellationToken)).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void ThrowIfUpgraded()
    {
        if (IsUpgraded)
        {
            throw new InvalidOperationException("Cannot write to the response body after the connection has been upgraded.");
        }
    }

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
