using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// The response body as the application sees it: a <see cref="PipeWriter"/> that frames what is written
/// (RFC 9112 section 6) straight into the transport's own buffers. One instance serves a connection, response after response.
/// </summary>
/// <remarks>
/// Until the head is on its way (<see cref="ResponseBodyFraming.Unstarted"/>) bytes are held back, so that the application
/// may still change status and fields; the first flush asks the exchange to start the response.
/// Not thread-safe, as no <see cref="PipeWriter"/> is.
/// </remarks>
internal sealed partial class ResponseBodyWriter(Http1Exchange exchange, QueuedPipeWriter output) : PipeWriter
{
    private readonly ChunkWriter _chunks = new(output);
    private readonly EarlyBuffer _early = new(output);
    private byte[] _discarded = [];
    private ResponseBodyFraming _framing;
    private long _length;
    private long _written;
    private int _leased;
    private bool _isLeaseDropped;
    private ResponseBodyFraming _closedFrom;
    private WriterAccess _access;
    private bool _isRawOver;

    /// <summary>Body bytes that the application has written.</summary>
    internal long Written => _written;

    /// <summary>Something was written before the head went out.</summary>
    internal bool HasEarlyBytes => _early.Length > 0;

    /// <summary>The promised bytes that are still missing, or 0.</summary>
    internal long Missing => _framing == ResponseBodyFraming.Length ? _length - _written : 0;

    /// <summary>A client can tell from the bytes alone whether the body is complete.</summary>
    internal bool EndsByItself => _framing != ResponseBodyFraming.UntilClose;

    internal bool IsClosed => _framing == ResponseBodyFraming.Closed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _framing == ResponseBodyFraming.Unstarted
        ? _early.Length
        : output.UnflushedBytes + _chunks.Pending;

    /// <summary>Writes the end of the body and takes no more.</summary>
    internal void End()
    {
        if (_framing == ResponseBodyFraming.Chunked)
        {
            _chunks.End();
        }

        Stop();
    }

    /// <summary>Takes no more; what has not gone to the transport never will.</summary>
    internal void Stop()
    {
        _closedFrom = _framing;
        _leased = 0;
        _framing = ResponseBodyFraming.Closed;
    }

    /// <summary>The connection is another protocol's: who still holds this writer must not write into it.</summary>
    internal void CloseForUpgrade() => _access = WriterAccess.Upgraded;

    /// <summary>The application has returned: from here on only the exchange writes, what is left to end the response.</summary>
    internal void CloseForApplication()
    {
        if (_access == WriterAccess.Open)
        {
            _access = WriterAccess.Over;
        }

        _isRawOver = true;
    }

    /// <summary>The exchange is over: whoever still writes hears so, and nothing of it reaches the next response.</summary>
    internal void Close()
    {
        CloseForApplication();
        _early.Clear();
        _chunks.Reset();
        Stop();
        _closedFrom = ResponseBodyFraming.Closed;
    }

    /// <summary>Ready for the next response on the connection.</summary>
    internal void Begin()
    {
        Close();
        _access = WriterAccess.Open;
        _isRawOver = false;
        _framing = ResponseBodyFraming.Unstarted;
        _length = 0;
        _written = 0;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        _isLeaseDropped = exchange.IsConnectionCut && _framing != ResponseBodyFraming.Closed;
        Memory<byte> memory = _framing switch
        {
            _ when _isLeaseDropped => GetDiscarded(sizeHint),
            ResponseBodyFraming.Chunked => _chunks.GetMemory(sizeHint),
            ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose => output.GetMemory(sizeHint),
            ResponseBodyFraming.Unstarted => _early.GetMemory(sizeHint, mayBeInPlace: exchange.IsOnlyWriter),
            ResponseBodyFraming.None => GetDiscarded(sizeHint),
            _ => throw Ended(),
        };
        _leased = memory.Length;
        return memory;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > _leased)
        {
            // Most of all: memory got before the response started, advanced after it. Those bytes are somewhere else, and
            // what would go out in their place is whatever the transport's buffer held before.
            throw new InvalidOperationException(
                "Advance without memory to advance over: call GetMemory or GetSpan again after StartAsync, FlushAsync, WriteAsync or CompleteAsync.");
        }

        Count(bytes);
        _leased -= bytes;
        switch (_framing)
        {
            case not ResponseBodyFraming.Closed when _isLeaseDropped || exchange.IsConnectionCut:
                break;
            case ResponseBodyFraming.Chunked:
                _chunks.Advance(bytes);
                break;
            case ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose:
                output.Advance(bytes);
                break;
            case ResponseBodyFraming.Unstarted:
                _early.Advance(bytes);
                break;
            case ResponseBodyFraming.Closed:
                throw Ended();
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        if (_framing == ResponseBodyFraming.Unstarted)
        {
            ValueTask start = exchange.StartResponseAsync(applicationCompleted: false);
            if (!start.IsCompletedSuccessfully)
            {
                return StartThenFlushAsync(start, cancellationToken);
            }

            start.GetAwaiter().GetResult();
        }

        return FlushOutputAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken); // before a byte of it is taken
        }

        if (_framing == ResponseBodyFraming.Unstarted)
        {
            ValueTask start = exchange.StartResponseAsync(applicationCompleted: false, firstWrite: source.Length);
            if (!start.IsCompletedSuccessfully)
            {
                return StartThenWriteAsync(start, source, cancellationToken);
            }

            start.GetAwaiter().GetResult();
        }

        Write(source.Span);
        return FlushOutputAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        ThrowIfClosed();
        output.CancelPendingFlush();
    }

    /// <summary>Bytes of an upgraded connection, as they are.</summary>
    internal ValueTask<FlushResult> WriteRawAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        if (_isRawOver)
        {
            throw Over();
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        Write(source.Span);
        return FlushOutputAsync(cancellationToken);
    }

    /// <summary>The application says that it has written all, or that it cannot: the response ends, well or not. Writing throws from here on.</summary>
    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        ThrowIfClosed();
        if (exception is not null)
        {
            exchange.ReportApplicationError(new ConnectionAbortedException("The BodyPipe was completed with an exception.", exception));
        }

        return new ValueTask(exchange.CompleteResponseAsync());
    }

    /// <summary>As <see cref="CompleteAsync"/>; the exchange waits for the end where the caller does not.</summary>
    public override void Complete(Exception? exception = null) => CompleteAsync(exception).ThrowOrObserve();

    private void Write(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
        {
            ThrowIfNoneMayBeWritten();
            return; // an empty chunk would end the body
        }

        Count(source.Length);
        _leased = 0;
        switch (_framing)
        {
            case not ResponseBodyFraming.Closed when exchange.IsConnectionCut:
                break;
            case ResponseBodyFraming.Chunked:
                _chunks.Write(source);
                break;
            case ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose:
                output.Write(source);
                break;
            case ResponseBodyFraming.Closed when _closedFrom != ResponseBodyFraming.None || exchange.ForbidsBody: // to HEAD even what comes too late is discarded
                throw Ended();
        }
    }

    private ValueTask<FlushResult> FlushOutputAsync(CancellationToken cancellationToken)
    {
        _leased = 0;
        _chunks.Commit();
        return exchange.FlushTransportAsync(cancellationToken);
    }

    private async ValueTask<FlushResult> StartThenFlushAsync(ValueTask start, CancellationToken cancellationToken)
    {
        await start;
        return await FlushOutputAsync(cancellationToken);
    }

    private async ValueTask<FlushResult> StartThenWriteAsync(ValueTask start, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        await start;
        Write(source.Span);
        return await FlushOutputAsync(cancellationToken);
    }

    /// <summary>What the application has set; a transfer coding, which takes its place, promises nothing.</summary>
    private long? PromisedLength =>
        (exchange.ResponseHeaders.Present & ResponseFields.TransferEncoding) == 0 ? exchange.ResponseHeaders.ContentLength : null;

    /// <summary>A first write of so many bytes, whose head is not out yet.</summary>
    /// <exception cref="InvalidOperationException">It is more than was promised: nothing is sent, and the response may still become an error.</exception>
    internal void ThrowIfTooMany(int bytes)
    {
        if (bytes > 0 && bytes > PromisedLength - _written)
        {
            exchange.CloseAfterResponse(ConnectionError.ResponseLength);
            throw TooManyBytes(_written + bytes, PromisedLength.GetValueOrDefault());
        }
    }

    /// <summary>Refuses bytes past the promised length before any of them is taken.</summary>
    private void Count(int bytes)
    {
        long? length = _framing switch
        {
            ResponseBodyFraming.Length => _length,
            ResponseBodyFraming.Unstarted or ResponseBodyFraming.None or ResponseBodyFraming.Closed => PromisedLength,
            _ => null,
        };
        if (bytes > length - _written && !exchange.ForbidsBody)
        {
            exchange.CloseAfterResponse(ConnectionError.ResponseLength);
            throw TooManyBytes(_written + bytes, length.GetValueOrDefault());
        }

        if (_framing == ResponseBodyFraming.None) // none of nothing, too
        {
            exchange.ThrowIfBodyForbidden();
        }

        _written += bytes;
    }

    /// <summary>A write of nothing, as on Kestrel, is a write where no chunk could be made of it.</summary>
    private void ThrowIfNoneMayBeWritten()
    {
        switch (_framing)
        {
            case ResponseBodyFraming.None:
                exchange.ThrowIfBodyForbidden();
                break;
            case ResponseBodyFraming.Closed when _closedFrom is ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose || exchange.ForbidsBody:
                throw Ended();
        }
    }

    private void ThrowIfClosed()
    {
        if (_access != WriterAccess.Open)
        {
            throw _access == WriterAccess.Over ? Over() : new InvalidOperationException(ResponseBodyStream.UpgradedMessage);
        }
    }

    private Memory<byte> GetDiscarded(int sizeHint)
    {
        if (_discarded.Length < Math.Max(sizeHint, 1))
        {
            _discarded = new byte[Math.Max(sizeHint, 4096)];
        }

        return _discarded;
    }

    private static InvalidOperationException TooManyBytes(long written, long length) =>
        new($"Response Content-Length mismatch: too many bytes written ({written} of {length}).");

    private static ObjectDisposedException Over() => new(nameof(HttpResponse), "The response cannot be written to after the application has returned.");

    private static InvalidOperationException Ended() => new("Writing is not allowed after the response was completed.");
}
