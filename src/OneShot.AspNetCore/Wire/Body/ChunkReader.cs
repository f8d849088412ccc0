using System.Diagnostics;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The chunked coding (RFC 9112 7.1): tells data from framing, wherever the bytes were cut. Resumable, one per connection.
/// </summary>
/// <remarks>It never keeps a byte of the input but the trailers.</remarks>
internal sealed partial class ChunkReader(HeaderLimits limits)
{
    /// <summary>16 hexadecimal digits hold any length there is; more are no number but an attack.</summary>
    private const int MaxSizeDigits = 16;

    private enum Part : byte
    {
        SizeStart,
        Size,
        Extension,
        SizeLineFeed,
        Data,
        DataCarriageReturn,
        DataLineFeed,
        Trailers,
        Done,
    }

    private Part _part;
    private int _digits;
    private long _size;
    private long _remaining;
    private ChunkExtensionParser _extension;

    /// <summary>Why <see cref="Read"/> said Rejected.</summary>
    public RequestRejection Rejection { get; private set; }

    /// <summary>Bytes of the current chunk still to come: with those already read, the least the body will have.</summary>
    public long RemainingInChunk => _remaining;

    /// <summary>Whether the body has ended.</summary>
    public bool IsDone => _part == Part.Done;

    /// <summary>Gets ready for a body.</summary>
    public void Begin()
    {
        _part = Part.SizeStart;
        _digits = 0;
        _size = 0;
        _remaining = 0;
        _extension = default;
        Rejection = RequestRejection.None;
        BeginTrailers();
    }

    /// <summary>Looks at bytes until it finds data, the end, a fault or no more bytes.</summary>
    /// <param name="input">The bytes that follow those consumed by the last call.</param>
    /// <param name="consumed">How many were taken. On NeedMore, all; on Data, up to the end of the data; on Done, up to the end of the body.</param>
    /// <param name="data">On Data: the body bytes among them, a part of <paramref name="input"/> that ends at <paramref name="consumed"/>.</param>
    public ChunkResult Read(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> data)
    {
        Debug.Assert(_part != Part.Done && Rejection == RequestRejection.None, "The body has ended.");
        data = default;
        consumed = 0;
        while (consumed < input.Length)
        {
            if (_part == Part.Data)
            {
                int length = (int)Math.Min(_remaining, input.Length - consumed);
                data = input.Slice(consumed, length);
                consumed += length;
                TakeData(length);
                return ChunkResult.Data;
            }

            if (_part == Part.Trailers)
            {
                return ReadTrailers(input, ref consumed);
            }

            Rejection = ReadFraming(input[consumed]);
            if (Rejection != RequestRejection.None)
            {
                return ChunkResult.Rejected;
            }

            consumed++;
        }

        return ChunkResult.NeedMore;
    }

    private void TakeData(int length)
    {
        _remaining -= length;
        _extension.Credit(length);
        if (_remaining == 0)
        {
            _part = Part.DataCarriageReturn;
        }
    }

    private RequestRejection ReadFraming(byte value)
    {
        switch (_part)
        {
            case Part.SizeStart:
                _part = Part.Size;
                _digits = 0;
                _size = 0;
                _extension.Begin();
                return ReadSize(value);
            case Part.Size:
                return ReadSize(value);
            case Part.Extension:
                return ReadExtension(value);
            case Part.SizeLineFeed:
                _remaining = _size;
                _part = _size == 0 ? Part.Trailers : Part.Data;
                return value == '\n' ? RequestRejection.None : RequestRejection.BareCarriageReturn;
            case Part.DataCarriageReturn:
                _part = Part.DataLineFeed;
                return value == '\r' ? RequestRejection.None : RequestRejection.ChunkNotTerminated;
            default:
                _part = Part.SizeStart;
                return value == '\n' ? RequestRejection.None : RequestRejection.ChunkNotTerminated;
        }
    }

    private RequestRejection ReadSize(byte value)
    {
        if (!char.IsAsciiHexDigit((char)value))
        {
            _part = Part.Extension;
            return _digits == 0 ? RequestRejection.InvalidChunkSize : ReadExtension(value);
        }

        if (++_digits > MaxSizeDigits || _size > long.MaxValue >> 4)
        {
            return RequestRejection.ChunkSizeOverflow;
        }

        _size = (_size << 4) | (uint)((value & 0xF) + (value > '9' ? 9 : 0));
        return RequestRejection.None;
    }

    private RequestRejection ReadExtension(byte value)
    {
        if (value == '\r' && _extension.CanEnd)
        {
            _part = Part.SizeLineFeed;
            return RequestRejection.None;
        }

        return _extension.Read(value);
    }
}
