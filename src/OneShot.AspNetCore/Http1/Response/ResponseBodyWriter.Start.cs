using System.Diagnostics;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>From bytes that were held back to bytes on their way: where the head is written, and what goes out behind it.</summary>
internal sealed partial class ResponseBodyWriter
{
    /// <summary>What was written before the head must be what the head will promise; checked before a byte of it goes out.</summary>
    /// <exception cref="InvalidOperationException">It is more than the length, or there may be no body, and the status is not one that drops it.</exception>
    internal void ThrowIfEarlyBytesDoNotFit(ResponseBodyFraming framing, long length)
    {
        if (framing == ResponseBodyFraming.None && _early.Length > 0 && !exchange.DropsEarlyBody)
        {
            exchange.ThrowIfBodyForbidden();
        }

        if (framing == ResponseBodyFraming.Length && _early.Length > length)
        {
            throw TooManyBytes(_early.Length, length);
        }
    }

    /// <summary>Where to write a head of at most that many bytes. Nothing but <see cref="Start"/> may follow.</summary>
    internal Span<byte> GetHeadSpan(int size)
    {
        if (_early.IsInPlace)
        {
            if (size + ChunkWriter.LongestSizeLine <= EarlyBuffer.HeadRoom)
            {
                return _early.Head;
            }

            _early.MoveOut();
        }

        return output.GetSpan(size);
    }

    /// <summary>The head stands where it was to be written: it goes out with what was held back, and from here on bytes go to the transport, in this framing.</summary>
    internal void Start(int headLength, ResponseBodyFraming framing, long length)
    {
        Debug.Assert(_framing == ResponseBodyFraming.Unstarted);
        _framing = framing;
        _length = length;
        _leased = 0; // memory that was got before the head is not memory of the transport
        if (!_early.IsInPlace)
        {
            output.Advance(headLength);
            if (_early.Length > 0 && framing != ResponseBodyFraming.None)
            {
                _written = 0;
                Write(_early.Written);
            }

            _early.Clear();
            return;
        }

        bool isChunk = framing == ResponseBodyFraming.Chunked && _early.Length > 0;
        if (isChunk)
        {
            headLength += ChunkWriter.WriteSizeLine(_early.Head[headLength..], _early.Length);
        }
        else if (framing == ResponseBodyFraming.None)
        {
            _early.DropBytes(); // an answer to HEAD, or a status without a body
        }

        _early.CommitBehind(headLength, isChunk);
    }

    /// <summary>The response has started, but the connection is cut: nothing of it goes anywhere.</summary>
    internal void StartDropped(ResponseBodyFraming framing, long length)
    {
        _framing = framing;
        _length = length;
        _leased = 0;
        _early.Clear();
    }

    /// <summary>Drops what was held back: an error response takes its place.</summary>
    internal void DiscardEarlyBytes()
    {
        _early.Clear();
        _leased = 0;
        _written = 0;
    }
}
