using System.Buffers;
using System.Diagnostics;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// Frames a response's body (RFC 9112 section 6) straight into the transport's own buffers: by length, in chunks, or until the
/// connection ends. Until the head is on its way (<see cref="ResponseBodyFraming.Unstarted"/>) bytes are held back. It knows bytes;
/// what may be written, and when, is known to <see cref="Exchange.Http1Response"/>.
/// </summary>
internal sealed class BodyEncoder(ResponseOutput output, ConnectionLifetime lifetime)
{
    private readonly ConcurrentPipeWriter _writer = output.Writer;
    private readonly ChunkWriter _chunks = new(output.Writer);
    private readonly EarlyBuffer _early = new(output.Writer);
    private byte[] _discarded = [];
    private int _leased;
    private bool _isLeaseDropped;

    internal ResponseBodyFraming Framing { get; private set; }

    /// <summary>How the body was framed before it was closed.</summary>
    internal ResponseBodyFraming ClosedFrom { get; private set; }

    /// <summary>The bytes that the head has promised, where it has.</summary>
    internal long Length { get; private set; }

    /// <summary>Body bytes that the application has written.</summary>
    internal long Written { get; private set; }

    /// <summary>Bytes that were written before the head.</summary>
    internal int EarlyLength => _early.Length;

    /// <summary>The promised bytes that are still missing, or 0.</summary>
    internal long Missing => Framing == ResponseBodyFraming.Length ? Length - Written : 0;

    /// <summary>A client can tell from the bytes alone whether the body is complete.</summary>
    internal bool EndsByItself => Framing != ResponseBodyFraming.UntilClose;

    /// <summary>Bytes that were written and not flushed.</summary>
    internal long Unflushed => Framing == ResponseBodyFraming.Unstarted ? _early.Length : _writer.UnflushedBytes + _chunks.Pending;

    /// <summary>Ready for the next response on the connection.</summary>
    internal void Begin()
    {
        Debug.Assert((Framing is ResponseBodyFraming.Unstarted or ResponseBodyFraming.Closed) && _early.Length == 0 && !_early.IsInPlace && _leased == 0 && _chunks.Pending == 0);
        Framing = ResponseBodyFraming.Unstarted;
        ClosedFrom = ResponseBodyFraming.Closed;
        Length = 0;
        Written = 0;
    }

    internal Memory<byte> GetMemory(int sizeHint)
    {
        _isLeaseDropped = lifetime.IsCut && Framing != ResponseBodyFraming.Closed;
        Memory<byte> memory = Framing switch
        {
            _ when _isLeaseDropped => GetDiscarded(sizeHint),
            ResponseBodyFraming.Chunked => _chunks.GetMemory(sizeHint),
            ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose => _writer.GetMemory(sizeHint),
            ResponseBodyFraming.Unstarted => _early.GetMemory(sizeHint, mayBeInPlace: output.IsResponsesOnly),
            ResponseBodyFraming.None => GetDiscarded(sizeHint),
            _ => throw Ended(),
        };
        _leased = memory.Length;
        return memory;
    }

    /// <exception cref="InvalidOperationException">There is not so much memory to advance over.</exception>
    internal void ThrowIfNotLeased(int bytes)
    {
        if (bytes > _leased)
        {
            // Most of all: memory got before the response started, advanced after it. Those bytes are somewhere else, and
            // what would go out in their place is whatever the transport's buffer held before.
            throw new InvalidOperationException(
                "Advance without memory to advance over: call GetMemory or GetSpan again after StartAsync, FlushAsync, WriteAsync or CompleteAsync.");
        }
    }

    internal void Advance(int bytes)
    {
        Written += bytes;
        _leased -= bytes;
        switch (Framing)
        {
            case not ResponseBodyFraming.Closed when _isLeaseDropped || lifetime.IsCut:
                break;
            case ResponseBodyFraming.Chunked:
                _chunks.Advance(bytes);
                break;
            case ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose:
                _writer.Advance(bytes);
                break;
            case ResponseBodyFraming.Unstarted:
                _early.Advance(bytes);
                break;
            case ResponseBodyFraming.Closed:
                throw Ended();
        }
    }

    /// <param name="source">Not empty: an empty chunk would end the body.</param>
    /// <param name="forbidsBody">The status does; a body that comes too late to HEAD is discarded.</param>
    internal void Write(ReadOnlySpan<byte> source, bool forbidsBody)
    {
        Written += source.Length;
        _leased = 0;
        switch (Framing)
        {
            case not ResponseBodyFraming.Closed when lifetime.IsCut:
                break;
            case ResponseBodyFraming.Chunked:
                _chunks.Write(source);
                break;
            case ResponseBodyFraming.Length or ResponseBodyFraming.UntilClose:
                _writer.Write(source);
                break;
            case ResponseBodyFraming.Closed when ClosedFrom != ResponseBodyFraming.None || forbidsBody:
                throw Ended();
        }
    }

    /// <summary>What was written is whole so far, and may be flushed; memory that was got before is not written to any more.</summary>
    internal void Commit()
    {
        _leased = 0;
        _chunks.Commit();
    }

    /// <summary>Where to write a head of at most that many bytes. Nothing but <see cref="Start"/> may follow.</summary>
    internal Span<byte> GetHeadSpan(int size)
    {
        if (_early.IsInPlace)
        {
            if (size + ChunkFormat.LongestSizeLine <= EarlyBuffer.HeadRoom)
            {
                return _early.Head;
            }

            _early.MoveOut();
        }

        return _writer.GetSpan(size);
    }

    /// <summary>The head stands where it was to be written: it goes out with what was held back, and from here on bytes go to the transport, in this framing.</summary>
    internal void Start(int headLength, ResponseBodyFraming framing, long length)
    {
        Debug.Assert(Framing == ResponseBodyFraming.Unstarted);
        Framing = framing;
        Length = length;
        _leased = 0; // memory that was got before the head is not memory of the transport
        if (!_early.IsInPlace)
        {
            _writer.Advance(headLength);
            if (_early.Length > 0 && framing != ResponseBodyFraming.None)
            {
                Written = 0;
                Write(_early.Written, forbidsBody: false);
            }

            _early.Clear();
            return;
        }

        if (framing == ResponseBodyFraming.None)
        {
            _early.DropBytes(); // an answer to HEAD, or a status without a body
        }

        bool isChunk = framing == ResponseBodyFraming.Chunked && _early.Length > 0;
        _early.CommitBehind(headLength + (isChunk ? ChunkFormat.WriteSizeLine(_early.Head[headLength..], _early.Length) : 0), isChunk);
    }

    /// <summary>The response has started, but the connection is cut: nothing of it goes anywhere.</summary>
    internal void StartDropped(ResponseBodyFraming framing, long length)
    {
        Framing = framing;
        Length = length;
        _leased = 0;
        _early.Clear();
    }

    /// <summary>Drops what was held back: an error response takes its place.</summary>
    internal void DiscardEarlyBytes()
    {
        _early.Clear();
        _leased = 0;
        Written = 0;
    }

    /// <summary>Writes the end of the body and takes no more.</summary>
    internal void End()
    {
        if (Framing == ResponseBodyFraming.Chunked)
        {
            _chunks.End();
        }

        Stop();
    }

    /// <summary>Takes no more; what has not gone to the transport never will.</summary>
    internal void Stop()
    {
        ClosedFrom = Framing;
        _leased = 0;
        Framing = ResponseBodyFraming.Closed;
    }

    /// <summary>The request is over: nothing of its response reaches the next.</summary>
    internal void Close()
    {
        _early.Clear();
        _chunks.Reset();
        Stop();
        ClosedFrom = ResponseBodyFraming.Closed;
    }

    internal static InvalidOperationException Ended() => new("Writing is not allowed after the response was completed.");

    private Memory<byte> GetDiscarded(int sizeHint)
    {
        if (_discarded.Length < Math.Max(sizeHint, 1))
        {
            _discarded = new byte[Math.Max(sizeHint, 4096)];
        }

        return _discarded;
    }
}
