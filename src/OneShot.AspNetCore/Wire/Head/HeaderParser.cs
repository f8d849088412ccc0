using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// A request head, from bytes to a <see cref="RequestLine"/> and the entries of a <see cref="HeaderTable"/>. Resumable, one per connection.
/// </summary>
/// <remarks>
/// It sees spans only, throws nothing of its own and allocates nothing but table entries.
/// What it says depends on the bytes alone, never on how they were cut.
/// </remarks>
/// <param name="limits">What every head is held to.</param>
/// <param name="useScanner">False to read every byte the plain way, which is the reference that <see cref="HeadScanner"/> is held to.</param>
internal sealed class HeaderParser(HeaderLimits limits, bool useScanner = true)
{
    /// <summary>What the scanner does not know of: with it, every byte is read the plain way.</summary>
    private const Tolerated OfLines = Tolerated.BareLineFeed | Tolerated.ControlCharactersInValues;

    private readonly HeadScanner? _scanner = useScanner && HeadScanner.IsSupported && (limits.Tolerated & OfLines) == Tolerated.None ? new HeadScanner() : null;
    private RequestLineParser _requestLine;
    private FieldSectionParser _fields;
    private LineFaults _faults;
    private bool _inFields;

    /// <summary>What was asked for, once <see cref="Parse"/> has said Done.</summary>
    public ref readonly RequestLine RequestLine => ref _requestLine.Line;

    /// <summary>Once Done: the bytes of the whole head, skipped empty lines and the final CRLF included.</summary>
    public int HeadLength { get; private set; }

    /// <summary>Why <see cref="Parse"/> said Rejected.</summary>
    public RequestRejection Rejection { get; private set; }

    /// <summary>Whether the first byte of a request line has been seen: empty lines alone do not begin a request.</summary>
    public bool HasBegun => _requestLine.HasBegun;

    /// <summary>How many of the lines <see cref="FindFault"/> has found sound.</summary>
    public int SoundLines => _faults.SoundLines;

    /// <summary>Gets ready for the next head.</summary>
    public void Reset()
    {
        _requestLine = default;
        _faults = default;
        _inFields = false;
        HeadLength = 0;
        Rejection = RequestRejection.None;
    }

    /// <summary>Looks at the bytes that came in since the last call.</summary>
    /// <param name="buffer">All bytes of the head so far, from its first byte, and whatever is behind it.</param>
    /// <param name="table">Where the header lines go. Empty at the first call.</param>
    public HeaderParseResult Parse(ReadOnlySpan<byte> buffer, HeaderTable table)
    {
        if (!_inFields)
        {
            if (_scanner is not null && _requestLine.Next == 0 && buffer.Length >= HeadScanner.MinLength)
            {
                bool done = _scanner.ScanHead(buffer, limits, table, ref _requestLine.Line, out int fieldsStart, out int next);
                if (done)
                {
                    HeadLength = next;
                    return HeaderParseResult.Done;
                }

                if (fieldsStart > 0)
                {
                    _fields.BeginAt(fieldsStart, next);
                    _inFields = true;
                }
            }

            if (!_inFields && !TryParseRequestLine(buffer, out HeaderParseResult result))
            {
                return result;
            }
        }

        return ParseFields(buffer, table);
    }

    /// <summary>
    /// What one of the lines that have come is refused for, whatever follows it: an unfinished head is not waited for when it can only
    /// be refused, and of two faults in a head it is the first that counts, however the head was cut.
    /// </summary>
    /// <param name="buffer">The bytes that <see cref="Parse"/> was given last.</param>
    /// <param name="table">The lines it has taken.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public RequestRejection FindFault(ReadOnlySpan<byte> buffer, HeaderTable table) =>
        _inFields || HeadLength > 0 ? _faults.Find(buffer, RequestLine, table, limits.Tolerated) : RequestRejection.None;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryParseRequestLine(ReadOnlySpan<byte> buffer, out HeaderParseResult result)
    {
        result = _requestLine.Parse(buffer, limits.MaxRequestLineSize, limits.Tolerated);
        if (result != HeaderParseResult.Done)
        {
            Rejection = _requestLine.Rejection;
            return false;
        }

        _fields.Begin(_requestLine.Next);
        _inFields = true;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private HeaderParseResult ParseFields(ReadOnlySpan<byte> buffer, HeaderTable table)
    {
        HeaderParseResult result = _fields.Parse(buffer, table, limits.MaxRequestHeadersTotalSize, limits.MaxRequestHeaderCount, _scanner, limits.Tolerated);
        Rejection = _fields.Rejection;
        if (result == HeaderParseResult.Done)
        {
            HeadLength = _fields.Next;
        }

        return result;
    }
}
