using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>The request body as a stream, over whatever <see cref="PipeReader"/> the current request has.</summary>
/// <param name="content">The connection's.</param>
/// <param name="control">Says whether synchronous IO is allowed.</param>
/// <param name="upgraded">The bytes of an upgraded connection, for the one stream that reads those instead.</param>
internal sealed class RequestBodyStream(RequestContent content, IHttpBodyControlFeature control, PipeReader? upgraded = null) : BodyStream
{
    private PipeReader Reader => upgraded ?? content.Reader;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override int Read(byte[] buffer, int offset, int count)
    {
        ThrowIfSynchronousForbidden(control, nameof(ReadAsync));
        return ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        PipeReader reader = Reader;
        return reader.TryRead(out ReadResult result)
            ? new ValueTask<int>(Take(reader, result, buffer.Span))
            : ReadSlowAsync(reader, buffer, cancellationToken);
    }

    // The base would call Read on another thread, which is synchronous IO.
    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override void CopyTo(Stream destination, int bufferSize)
    {
        ThrowIfSynchronousForbidden(control, nameof(CopyToAsync));
        base.CopyTo(destination, bufferSize);
    }

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Reader.CopyToAsync(destination, cancellationToken);
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> ReadSlowAsync(PipeReader reader, Memory<byte> buffer, CancellationToken cancellationToken) =>
        Take(reader, await reader.ReadAsync(cancellationToken), buffer.Span);

    private static int Take(PipeReader reader, in ReadResult result, Span<byte> buffer)
    {
        ReadOnlySequence<byte> available = result.Buffer;
        if (result.IsCanceled)
        {
            reader.AdvanceTo(available.Start);
            throw new OperationCanceledException("The read was canceled");
        }

        int count = (int)Math.Min(available.Length, buffer.Length);
        ReadOnlySequence<byte> taken = available.Slice(0, count);
        taken.CopyTo(buffer);
        reader.AdvanceTo(taken.End);
        return count;
    }
}
