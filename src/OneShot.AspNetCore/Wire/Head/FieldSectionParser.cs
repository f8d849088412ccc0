using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// Field lines up to and with the empty line: the headers of a request, or the trailers of a chunked body (RFC 9112 5).
/// </summary>
/// <remarks>
/// The outcome depends on the bytes alone, never on how they were cut. It looks at every byte a bounded number of times, however often it is called.
/// </remarks>
internal struct FieldSectionParser
{
    private enum Part : byte
    {
        LineStart,
        Name,
        Value,
        LineFeed,
        LastLineFeed,
    }

    private Part _part;
    private int _sectionStart;
    private int _nameStart;
    private int _colon;
    private Tolerated _tolerated;

    /// <summary>The first byte not looked at; the first byte behind the section once Done.</summary>
    public int Next { get; private set; }

    /// <summary>Why <see cref="Parse"/> said Rejected.</summary>
    public RequestRejection Rejection { get; private set; }

    /// <summary>Begins a section.</summary>
    /// <param name="start">The index of its first byte in the buffer that <see cref="Parse"/> is given.</param>
    public void Begin(int start)
    {
        this = default;
        _sectionStart = start;
        Next = start;
    }

    /// <summary>Begins a section of which lines have been taken already.</summary>
    /// <param name="start">The index of its first byte.</param>
    /// <param name="next">The line start to go on from.</param>
    public void BeginAt(int start, int next)
    {
        Begin(start);
        Next = next;
    }

    /// <summary>Looks at the bytes that came in since the last call and adds each line to the table as it ends.</summary>
    /// <param name="buffer">The same bytes as last time, with more behind them.</param>
    /// <param name="table">Where the lines go; offsets count in <paramref name="buffer"/>.</param>
    /// <param name="maxSize">The most bytes the section may have.</param>
    /// <param name="maxCount">The most lines it may have.</param>
    /// <param name="scanner">Takes the plain lines, or null to take all of them here. The outcome is the same.</param>
    /// <param name="tolerated">What is accepted beyond the rules.</param>
    public HeaderParseResult Parse(
        ReadOnlySpan<byte> buffer, HeaderTable table, int maxSize, int maxCount, HeadScanner? scanner, Tolerated tolerated = Tolerated.None)
    {
        _tolerated = tolerated;
        long limit = (long)_sectionStart + maxSize;
        ReadOnlySpan<byte> section = buffer.Length > limit ? buffer[..(int)limit] : buffer;
        while (Next < section.Length)
        {
            RequestRejection rejection = RequestRejection.None;
            switch (_part)
            {
                case Part.LineStart:
                    if (scanner is not null && section.Length - Next >= HeadScanner.MinLength)
                    {
                        bool done = scanner.ScanFields(section, Next, table, maxCount, out int next);
                        Next = next;
                        if (done)
                        {
                            return HeaderParseResult.Done;
                        }
                    }

                    rejection = ReadLineStart(section[Next]);
                    break;
                case Part.Name:
                    rejection = ReadName(section);
                    break;
                case Part.Value:
                    rejection = ReadValue(section);
                    break;
                case Part.LineFeed when section[Next] == '\n':
                    rejection = AddLine(section, table, maxCount);
                    break;
                case Part.LastLineFeed when section[Next] == '\n':
                    Next++;
                    return HeaderParseResult.Done;
                default:
                    rejection = RequestRejection.BareCarriageReturn;
                    break;
            }

            if (rejection != RequestRejection.None)
            {
                Rejection = rejection;
                return HeaderParseResult.Rejected;
            }
        }

        if (buffer.Length > limit)
        {
            Rejection = RequestRejection.HeadersTooLarge;
            return HeaderParseResult.Rejected;
        }

        return HeaderParseResult.NeedMore;
    }

    private RequestRejection ReadLineStart(byte first)
    {
        switch (first)
        {
            case (byte)'\r':
                _part = Part.LastLineFeed;
                Next++;
                return RequestRejection.None;
            case (byte)'\n':
                _part = Part.LastLineFeed;
                return BareLineFeed;
            case (byte)' ' or (byte)'\t':
                return RequestRejection.LineFolding;
            case (byte)':':
                return RequestRejection.EmptyHeaderName;
            default:
                _part = Part.Name;
                _nameStart = Next;
                return RequestRejection.None;
        }
    }

    private RequestRejection ReadName(ReadOnlySpan<byte> section)
    {
        int length = section[Next..].IndexOfAnyExcept(FieldSyntax.TokenBytes);
        if (length < 0)
        {
            Next = section.Length;
            return RequestRejection.None;
        }

        Next += length;
        switch (section[Next])
        {
            case (byte)':':
                _colon = Next;
                _part = Part.Value;
                Next++;

                // An entry counts a name's bytes in 16 bits.
                return _colon - _nameStart > ushort.MaxValue ? RequestRejection.HeadersTooLarge : RequestRejection.None;
            case (byte)'\r':
                return RequestRejection.MissingColon;
            case (byte)'\n':
                return BareLineFeed == RequestRejection.None ? RequestRejection.MissingColon : BareLineFeed;
            case (byte)' ' or (byte)'\t':
                return RequestRejection.WhitespaceBeforeColon;
            default:
                return RequestRejection.InvalidHeaderName;
        }
    }

    private RequestRejection ReadValue(ReadOnlySpan<byte> section)
    {
        bool allowsControls = (_tolerated & Tolerated.ControlCharactersInValues) != 0;
        int length = section[Next..].IndexOfAny(allowsControls ? FieldSyntax.LineBytes : FieldSyntax.ControlBytes);
        if (length < 0)
        {
            Next = section.Length;
            return RequestRejection.None;
        }

        Next += length;
        switch (section[Next])
        {
            case (byte)'\r':
                _part = Part.LineFeed;
                Next++;
                return RequestRejection.None;
            case (byte)'\n':
                _part = Part.LineFeed;
                return BareLineFeed;
            default:
                return RequestRejection.ControlCharacterInValue;
        }
    }

    /// <summary>What a line is refused for that ends in LF alone: nothing, where that is tolerated.</summary>
    private readonly RequestRejection BareLineFeed =>
        (_tolerated & Tolerated.BareLineFeed) != 0 ? RequestRejection.None : RequestRejection.BareLineFeed;

    private RequestRejection AddLine(ReadOnlySpan<byte> section, HeaderTable table, int maxCount)
    {
        if (table.Count >= maxCount)
        {
            return RequestRejection.TooManyHeaders;
        }

        int valueStart = _colon + 1;
        int valueEnd = section[Next - 1] == '\r' ? Next - 1 : Next; // no value holds a CR
        ReadOnlySpan<byte> untrimmed = section[valueStart..valueEnd];
        (int offset, int length) = FieldSyntax.TrimmedRange(untrimmed).GetOffsetAndLength(untrimmed.Length);
        ReadOnlySpan<byte> name = section[_nameStart.._colon];
        table.Add(_nameStart, KnownHeaders.KeyOf(name), valueStart + offset, length, hasNonAscii: !Ascii.IsValid(untrimmed));
        _part = Part.LineStart;
        Next++;
        return RequestRejection.None;
    }
}
