using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// The response, and the writer that the application writes its body to. One instance serves a connection, response after response.
/// Where it is in its life is told by <see cref="ResponseState"/>; what happens there is in <see cref="ResponseStart"/> and
/// <see cref="ResponseEnd"/>, which the writer asks for as it is written to.
/// </summary>
/// <remarks>
/// Every call is whole: it is inside the gate of <see cref="ResponseLifecycle"/> while it touches the transport's buffers, and none comes through when the
/// application has returned. So two threads that write at once, of which one may be left behind by the request, mix their writes up
/// and nothing else. Memory that was got is not guarded, as on no <see cref="PipeWriter"/>.
/// </remarks>
internal sealed class Http1Response : PipeWriter
{
    internal const string UpgradedMessage = "Cannot write to the response body after the connection has been upgraded.";

    private readonly RequestFailure _failure;
    private readonly ResponseLifecycle _lifecycle;
    private readonly ResponseOutput _output;
    private readonly ResponseStart _start;
    private readonly ResponseEnd _end;
    private readonly BodyEncoder _body;
    private volatile WriterAccess _access; // opened by the loop when all else is ready, closed inside the gate
    private bool _isRawOver;

    internal Http1Response(
        Http1ConnectionContext connection, RequestFailure failure, ResponseLifecycle lifecycle, ResponseOutput output, RequestMemory memory)
    {
        _failure = failure;
        _lifecycle = lifecycle;
        _output = output;
        _start = new ResponseStart(connection, failure, lifecycle, output, memory);
        _end = new ResponseEnd(connection.Lifetime, failure, lifecycle, output, _start);
        _body = _start.Body;
        Head = _start.Head;
    }

    /// <summary>Status and fields.</summary>
    internal ResponseHead Head { get; }

    /// <summary>Up to the head.</summary>
    internal ResponseStart Start => _start;

    /// <summary>From the application's last byte on.</summary>
    internal ResponseEnd End => _end;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _body.Unflushed;

    internal void Begin(RequestTraits request)
    {
        _start.Begin(request);
        _end.Begin();
        _isRawOver = false;
        _lifecycle.Open();
        _access = WriterAccess.Open;
    }

    /// <summary>The request is over: whoever still writes hears so, and nothing of it reaches the next response.</summary>
    internal void Finish()
    {
        CloseForApplication();
        _lifecycle.Apply(ResponseEvent.Finish);
        _start.Finish();
    }

    /// <summary>The connection is another protocol's: who still holds this writer must not write into it.</summary>
    internal void CloseForUpgrade()
    {
        using (_lifecycle.Enter())
        {
            _access = WriterAccess.Upgraded;
        }
    }

    /// <summary>The application has returned, and what it was promised to be called back for before the start: its part is over.</summary>
    internal void CloseForApplication()
    {
        // Behind an upgrade the writer is closed, and raw bytes still go: both must be over.
        if (_access != WriterAccess.Open && _isRawOver)
        {
            return;
        }

        using (_lifecycle.Enter())
        {
            if (_access == WriterAccess.Open)
            {
                _access = WriterAccess.Over;
            }

            _isRawOver = true;
            _lifecycle.Close();
            _output.Claim();
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        using (_lifecycle.Enter())
        {
            ThrowIfClosed();
            return _body.GetMemory(sizeHint);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        using (_lifecycle.Enter())
        {
            ThrowIfClosed();
            _body.ThrowIfNotLeased(bytes);
            ThrowIfUnwanted(bytes);
            _body.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        WriteAsync(default, isWrite: false, cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        WriteAsync(source, isWrite: true, cancellationToken);

    public override void CancelPendingFlush()
    {
        ThrowIfClosed();
        _output.Writer.CancelPendingFlush();
    }

    /// <summary>Bytes of an upgraded connection, as they are.</summary>
    internal ValueTask<FlushResult> WriteRawAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        using (_lifecycle.Enter())
        {
            if (_isRawOver)
            {
                throw ResponseStart.Over();
            }

            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<FlushResult>(cancellationToken);
            }

            Write(source.Span);
            return FlushBodyAsync(cancellationToken);
        }
    }

    /// <summary>The application says that it has written all, or that it cannot: the response ends, well or not. Writing throws from here on.</summary>
    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        int part = _lifecycle.Part;
        ThrowIfClosed();
        if (exception is not null)
        {
            _failure.TryReport(new ConnectionAbortedException("The BodyPipe was completed with an exception.", exception), part);
        }

        return new ValueTask(_end.CompleteAsync());
    }

    /// <summary>As <see cref="CompleteAsync"/>; the connection waits for the end where the caller does not.</summary>
    public override void Complete(Exception? exception = null) => CompleteAsync(exception).ThrowOrObserve();

    private ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, bool isWrite, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            ThrowIfClosed();
            return ValueTask.FromCanceled<FlushResult>(cancellationToken); // before a byte of it is taken
        }

        if (_start.MustNotStartAtOnce)
        {
            return StartThenWriteAsync(source, isWrite, cancellationToken); // code of the application may run, outside of the gate
        }

        using (_lifecycle.Enter())
        {
            ThrowIfClosed();
            if (_body.Framing == ResponseBodyFraming.Unstarted)
            {
                _start.Start(source.Length);
            }

            return WriteBodyAsync(source, isWrite, cancellationToken);
        }
    }

    private async ValueTask<FlushResult> StartThenWriteAsync(ReadOnlyMemory<byte> source, bool isWrite, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        await _start.StartAsync(source.Length);
        ValueTask<FlushResult> flush;
        using (_lifecycle.Enter())
        {
            ThrowIfClosed();
            flush = WriteBodyAsync(source, isWrite, cancellationToken);
        }

        return await flush;
    }

    private ValueTask<FlushResult> WriteBodyAsync(ReadOnlyMemory<byte> source, bool isWrite, CancellationToken cancellationToken)
    {
        if (isWrite)
        {
            Write(source.Span);
        }

        return FlushBodyAsync(cancellationToken);
    }

    private void Write(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
        {
            ThrowIfNoneMayBeWritten();
            return; // an empty chunk would end the body
        }

        ThrowIfUnwanted(source.Length);
        _body.Write(source, Head.ForbidsBody);
    }

    private ValueTask<FlushResult> FlushBodyAsync(CancellationToken cancellationToken)
    {
        _body.Commit();
        return _output.FlushAsync(cancellationToken);
    }

    /// <summary>Refuses bytes past the promised length, and those of a response that has no body, before any of them is taken.</summary>
    private void ThrowIfUnwanted(int bytes)
    {
        ResponseBodyFraming framing = _body.Framing;
        long? length = framing switch
        {
            ResponseBodyFraming.Length => _body.Length,
            ResponseBodyFraming.Unstarted or ResponseBodyFraming.None or ResponseBodyFraming.Closed => Head.PromisedLength,
            _ => null,
        };
        if (bytes > length - _body.Written && (framing == ResponseBodyFraming.Length || !Head.ForbidsBody))
        {
            throw _start.TooMany(bytes, length.GetValueOrDefault());
        }

        if (framing == ResponseBodyFraming.None) // none of nothing, too
        {
            Head.ThrowIfBodyForbidden();
        }
    }

    /// <summary>A write of nothing, as on Kestrel, is a write where no chunk could be made of it.</summary>
    private void ThrowIfNoneMayBeWritten()
    {
        switch (_body.Framing)
        {
            case ResponseBodyFraming.None:
                Head.ThrowIfBodyForbidden();
                break;
            case ResponseBodyFraming.Closed when _body.ClosedFrom is ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose || Head.ForbidsBody:
                throw BodyEncoder.Ended();
        }
    }

    private void ThrowIfClosed()
    {
        if (_access != WriterAccess.Open)
        {
            throw _access == WriterAccess.Over ? ResponseStart.Over() : new InvalidOperationException(UpgradedMessage);
        }
    }
}
