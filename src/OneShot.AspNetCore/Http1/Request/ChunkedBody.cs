using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>
/// A chunked body (RFC 9112 section 7.1). Data is copied out of its framing into a pipe of its own, and only when the
/// application asks for more: nothing runs ahead of it, so the transport's back pressure is its back pressure.
/// </summary>
internal sealed class ChunkedBody(BodyContext context, PipeReader input, HeaderLimits limits, HeaderDecoder decoder, MemoryPool<byte> pool)
    : RequestBody(context, input)
{
    private readonly ChunkReader _reader = new(limits);
    private readonly Pipe _decoded = new(new PipeOptions(
        pool, PipeScheduler.Inline, PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));

    private ArenaHeaderDictionary? _trailers;
    private ReadOnlySequence<byte> _window;
    private bool _isWindowOpen;
    private RequestRejection _rejection;
    private long _observed;
    private bool _isBroken;

    internal override bool IsConsumed => _reader.IsDone && !_isBroken && _rejection == RequestRejection.None;

    /// <summary>The fields behind the last chunk; complete when <see cref="IsConsumed"/> is true.</summary>
    internal IHeaderDictionary Trailers => _trailers ??= new ArenaHeaderDictionary(_reader.Trailers, decoder, strings: null);

    internal void Begin()
    {
        BeginRequest();
        _reader.Begin();
        _rejection = RequestRejection.None;
        _observed = 0;
        _isBroken = false;
    }

    /// <inheritdoc />
    internal override void End()
    {
        base.End();
        ReleaseRead();
        _reader.End();
        _decoded.Writer.Complete();
        _decoded.Reader.Complete();
        _decoded.Reset();
        _trailers?.Reset();
    }

    protected override void Advance(SequencePosition consumed, SequencePosition examined)
    {
        if (_isWindowOpen)
        {
            _isWindowOpen = false;
            _window = default;
            _decoded.Reader.AdvanceTo(consumed, examined);
        }
    }

    /// <summary>A chunked body says nothing of its size beforehand; it is counted as it comes.</summary>
    protected override void CheckLimits()
    {
    }

    protected override bool TryReadBuffered(out ReadResult result) => TryReadDecoded(transportCanceled: true, out result);

    protected override bool TryAccept(in ReadResult read, out ReadResult result)
    {
        SequencePosition taken = read.Buffer.Start;
        try
        {
            taken = Decode(read.Buffer);
        }
        catch
        {
            // There is no memory for what was decoded, say. Decoder and transport no longer stand at the same byte: nothing of this
            // connection may be read as HTTP any more.
            _isBroken = true;
            Context.OnBroken();
            throw;
        }
        finally
        {
            Input.AdvanceTo(taken);
        }

        ThrowIfUnacceptable();
        if (TryReadDecoded(read.IsCanceled, out result))
        {
            return true;
        }

        if (read.IsCompleted)
        {
            Context.ThrowUnexpectedEnd();
        }

        bool canceled = TakeCancellation(read.IsCanceled);
        result = new ReadResult(default, canceled, isCompleted: false);
        return canceled;
    }

    protected override void ReleaseRead()
    {
        if (_isWindowOpen)
        {
            Advance(_window.Start, _window.Start);
        }
    }

    private bool TryReadDecoded(bool transportCanceled, out ReadResult result)
    {
        if (Context.Refusal is { } refusal)
        {
            throw refusal; // again, to whoever asks again; nothing more is handed on
        }

        if (!_decoded.Reader.TryRead(out ReadResult decoded))
        {
            ThrowIfUnacceptable();
            result = default;
            return false;
        }

        _window = decoded.Buffer;
        _isWindowOpen = true;
        result = new ReadResult(_window, TakeCancellation(transportCanceled), decoded.IsCompleted);
        return true;
    }

    /// <summary>Moves the data of what has arrived into the pipe.</summary>
    /// <returns>The end of what was taken: never past the body's last byte.</returns>
    private SequencePosition Decode(in ReadOnlySequence<byte> buffer)
    {
        long taken = 0;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            ReadOnlySpan<byte> rest = segment.Span;
            while (!rest.IsEmpty && !_reader.IsDone && _rejection == RequestRejection.None)
            {
                ChunkResult result = _reader.Read(rest, out int consumed, out ReadOnlySpan<byte> data);
                _decoded.Writer.Write(data);
                _rejection = result switch
                {
                    ChunkResult.Rejected => _reader.Rejection,
                    ChunkResult.Done => decoder.Check(_reader.Trailers),
                    _ => RequestRejection.None,
                };
                rest = rest[consumed..];
                taken += consumed;
            }
        }

        _observed += taken;
        Context.Timeouts.CountRead(taken);
        Flush();
        return buffer.GetPosition(taken);
    }

    private void Flush()
    {
        if (IsConsumed)
        {
            _decoded.Writer.Complete(); // completes and flushes
            return;
        }

        ValueTask<FlushResult> flush = _decoded.Writer.FlushAsync();
        Debug.Assert(flush.IsCompletedSuccessfully, "the pipe has no threshold, so a flush never waits");
        flush.GetAwaiter().GetResult();
    }

    private void ThrowIfUnacceptable()
    {
        if (_isBroken)
        {
            throw new InvalidOperationException("The request body could not be decoded; the connection ends after this response.");
        }

        if (_rejection != RequestRejection.None)
        {
            throw Context.Refuse(_rejection);
        }

        // What is announced counts with what has come: a chunk over the limit is refused before its data is waited for.
        // Trailers do not count: they have the limits of a head.
        long body = _observed - _reader.TrailerBytes;
        Context.ThrowIfTooLarge(body + Math.Min(_reader.RemainingInChunk, long.MaxValue - body));
    }
}
