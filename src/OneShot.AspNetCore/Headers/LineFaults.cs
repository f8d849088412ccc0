namespace OneShot.AspNetCore.Headers;

/// <summary>
/// Finds, in the lines of a head as they come, what is well formed and still refused, for a reason that no later line can mend. One
/// a head; it looks at each line once.
/// </summary>
internal struct LineFaults
{
    private bool _hasSeenRequestLine;
    private int _linesSeen;

    /// <summary>Looks at the lines that came in since the last call.</summary>
    /// <param name="head">The head so far, in which the offsets of <paramref name="line"/> and the table's entries count.</param>
    /// <param name="line">The request line.</param>
    /// <param name="table">The field lines; it need not be committed.</param>
    /// <param name="decoder">How values are made strings.</param>
    /// <param name="tolerated">What is accepted beyond the rules.</param>
    public RequestRejection Find(ReadOnlySpan<byte> head, in RequestLine line, HeaderTable table, HeaderDecoder decoder, Tolerated tolerated = Tolerated.None)
    {
        if (!_hasSeenRequestLine)
        {
            RequestRejection rejection = RequestTarget.Check(line.TargetOf(head), line.Method);
            if (rejection != RequestRejection.None)
            {
                return rejection;
            }

            _hasSeenRequestLine = true;
        }

        ReadOnlySpan<HeaderEntry> entries = table.Entries;
        for (; _linesSeen < entries.Length; _linesSeen++)
        {
            ref readonly HeaderEntry entry = ref entries[_linesSeen];
            ReadOnlySpan<byte> value = head.Slice(entry.ValueOffset, entry.ValueLength);
            RequestRejection rejection = RequestFraming.CheckLine(line, entries[..(_linesSeen + 1)], value, tolerated);
            if (rejection == RequestRejection.None && !decoder.CanDecode(entry, head))
            {
                rejection = RequestRejection.UndecodableValue;
            }

            if (rejection != RequestRejection.None)
            {
                return rejection;
            }
        }

        return RequestRejection.None;
    }
}
