namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The request line, byte by byte in effect: the outcome depends on the bytes alone, never on how they were cut (RFC 9112 2.2 and 3).
/// </summary>
/// <remarks>It looks at every byte once, however often it is called.</remarks>
internal struct RequestLineParser
{
    /// <summary>A client may send a stray CRLF after a body (RFC 9112 2.2); more than a few are no mistake.</summary>
    public const int MaxEmptyLines = 8;

    private enum Part : byte
    {
        EmptyLines,
        EmptyLineFeed,
        Method,
        Target,
        Version,
        LineFeed,
    }

    private Part _part;
    private int _lineStart;
    private int _partStart;
    private int _emptyLines;
    private bool _allowsBareLineFeed;

    /// <summary>What has been found; complete once <see cref="Parse"/> says Done.</summary>
    public RequestLine Line;

    /// <summary>The first byte not looked at; the first header line once Done.</summary>
    public int Next { get; private set; }

    /// <summary>Whether a byte has come that is not part of an empty line.</summary>
    public readonly bool HasBegun => _part > Part.EmptyLineFeed || Line.MethodLength > 0;

    /// <summary>Why <see cref="Parse"/> said Rejected.</summary>
    public RequestRejection Rejection { get; private set; }

    /// <summary>Looks at the bytes that came in since the last call.</summary>
    /// <param name="buffer">The head so far, from its first byte.</param>
    /// <param name="maxSize">The most bytes the line may have, CRLF included.</param>
    /// <param name="tolerated">What is accepted beyond the rules.</param>
    public HeaderParseResult Parse(ReadOnlySpan<byte> buffer, int maxSize, Tolerated tolerated = Tolerated.None)
    {
        _allowsBareLineFeed = (tolerated & Tolerated.BareLineFeed) != 0;
        if (_part <= Part.EmptyLineFeed && !SkipEmptyLines(buffer))
        {
            return Rejection == RequestRejection.None ? HeaderParseResult.NeedMore : HeaderParseResult.Rejected;
        }

        long limit = (long)_lineStart + maxSize;
        ReadOnlySpan<byte> line = buffer.Length > limit ? buffer[..(int)limit] : buffer;
        while (Next < line.Length)
        {
            RequestRejection rejection = _part switch
            {
                Part.Method => ReadMethod(line),
                Part.Target => ReadTarget(line),
                Part.Version => ReadVersion(line),
                _ => ReadLineFeed(line),
            };

            if (rejection != RequestRejection.None)
            {
                return Reject(rejection);
            }

            if (_part == Part.EmptyLines)
            {
                return HeaderParseResult.Done;
            }
        }

        if (line.Length < limit)
        {
            return HeaderParseResult.NeedMore;
        }

        // 414 is for a target. A method that long is none the server implements, which is 501 (RFC 9112 3).
        return Reject(_part == Part.Method ? RequestRejection.MethodTooLong : RequestRejection.RequestLineTooLong);
    }

    private bool SkipEmptyLines(ReadOnlySpan<byte> buffer)
    {
        while (Next < buffer.Length)
        {
            byte value = buffer[Next];
            if (_part == Part.EmptyLineFeed)
            {
                if (value != '\n')
                {
                    Rejection = RequestRejection.BareCarriageReturn;
                    return false;
                }

                _part = Part.EmptyLines;
            }
            else if (value == '\r' || (value == '\n' && _allowsBareLineFeed))
            {
                if (_emptyLines == MaxEmptyLines)
                {
                    Rejection = RequestRejection.TooManyEmptyLines;
                    return false;
                }

                _emptyLines++;
                _part = value == '\r' ? Part.EmptyLineFeed : Part.EmptyLines;
            }
            else
            {
                _part = Part.Method;
                _lineStart = Next;
                _partStart = Next;
                return true;
            }

            Next++;
        }

        return false;
    }

    private RequestRejection ReadMethod(ReadOnlySpan<byte> line)
    {
        int length = line[Next..].IndexOfAnyExcept(FieldSyntax.TokenBytes);
        if (length < 0)
        {
            Next = line.Length;
            return RequestRejection.None;
        }

        Next += length;
        if (line[Next] != ' ' || Next == _partStart)
        {
            return line[Next] switch
            {
                (byte)'\r' => RequestRejection.InvalidRequestLine,
                (byte)'\n' => EndsTooEarly,
                _ => RequestRejection.InvalidMethod,
            };
        }

        Line.MethodOffset = _partStart;
        Line.MethodLength = Next - _partStart;
        Line.Method = MethodNames.Recognise(line[_partStart..Next]);
        Begin(Part.Target);
        return RequestRejection.None;
    }

    private RequestRejection ReadTarget(ReadOnlySpan<byte> line)
    {
        int length = line[Next..].IndexOfAnyExceptInRange((byte)'!', (byte)'~');
        if (length < 0)
        {
            Next = line.Length;
            return RequestRejection.None;
        }

        Next += length;
        if (line[Next] != ' ')
        {
            return line[Next] switch
            {
                (byte)'\r' => RequestRejection.InvalidRequestLine,
                (byte)'\n' => EndsTooEarly,
                _ => RequestRejection.InvalidTarget,
            };
        }

        if (Next == _partStart)
        {
            return RequestRejection.InvalidRequestLine;
        }

        Line.TargetOffset = _partStart;
        Line.TargetLength = Next - _partStart;
        Begin(Part.Version);
        return RequestRejection.None;
    }

    private RequestRejection ReadVersion(ReadOnlySpan<byte> line)
    {
        int length = line[Next..].IndexOfAnyExceptInRange((byte)'!', (byte)'~');
        if (length < 0)
        {
            Next = line.Length;
            return RequestRejection.None;
        }

        Next += length;
        bool isLineFeed = line[Next] == '\n';
        if (line[Next] != '\r' && !(isLineFeed && _allowsBareLineFeed))
        {
            return isLineFeed ? RequestRejection.BareLineFeed : RequestRejection.InvalidRequestLine;
        }

        RequestRejection rejection = RecogniseVersion(line[_partStart..Next], out Line.Version);
        Begin(isLineFeed ? Part.EmptyLines : Part.LineFeed);
        return rejection;
    }

    /// <summary>Why a line is refused that ends in LF before it is complete.</summary>
    private readonly RequestRejection EndsTooEarly => _allowsBareLineFeed ? RequestRejection.InvalidRequestLine : RequestRejection.BareLineFeed;

    private RequestRejection ReadLineFeed(ReadOnlySpan<byte> line)
    {
        if (line[Next] != '\n')
        {
            return RequestRejection.BareCarriageReturn;
        }

        Begin(Part.EmptyLines);
        return RequestRejection.None;
    }

    private static RequestRejection RecogniseVersion(ReadOnlySpan<byte> version, out HttpVersion recognised)
    {
        recognised = HttpVersion.None;
        if (version.SequenceEqual("HTTP/1.1"u8))
        {
            recognised = HttpVersion.Http11;
            return RequestRejection.None;
        }

        if (version.SequenceEqual("HTTP/1.0"u8))
        {
            recognised = HttpVersion.Http10;
            return RequestRejection.None;
        }

        // "HTTP/2.0", "HTTP/0.9", "HTTP/1.2": one digit each, a version, but none of ours. Anything else is no version (RFC 9112 2.3).
        return version.Length == 8 && version.StartsWith("HTTP/"u8) && char.IsAsciiDigit((char)version[5]) && version[6] == '.' && char.IsAsciiDigit((char)version[7])
            ? RequestRejection.UnsupportedVersion
            : RequestRejection.InvalidRequestLine;
    }

    private void Begin(Part part)
    {
        Next++;
        _part = part;
        _partStart = Next;
    }

    private HeaderParseResult Reject(RequestRejection rejection)
    {
        Rejection = rejection;
        return HeaderParseResult.Rejected;
    }
}
