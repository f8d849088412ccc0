namespace OneShot.AspNetCore.Wire;

/// <summary>
/// Finds, in the lines of a head as they come, what is well formed and still refused, for a reason that no later line can mend. One
/// a head; it looks at each line once.
/// </summary>
/// <remarks>Whether a value can be made a string is not asked here: that depends on the server's encodings.</remarks>
internal struct LineFaults
{
    private bool _hasSeenRequestLine;

    /// <summary>How many field lines were found sound.</summary>
    public int SoundLines { get; private set; }

    /// <summary>Looks at the lines that came in since the last call.</summary>
    /// <param name="head">The head so far, in which the offsets of <paramref name="line"/> and the table's entries count.</param>
    /// <param name="line">The request line.</param>
    /// <param name="table">The field lines; it need not be committed.</param>
    /// <param name="tolerated">What is accepted beyond the rules.</param>
    public RequestRejection Find(ReadOnlySpan<byte> head, in RequestLine line, HeaderTable table, Tolerated tolerated = Tolerated.None)
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
        for (; SoundLines < entries.Length; SoundLines++)
        {
            ref readonly HeaderEntry entry = ref entries[SoundLines];
            ReadOnlySpan<byte> value = head.Slice(entry.ValueOffset, entry.ValueLength);
            RequestRejection rejection = RequestFraming.CheckLine(line, entries[..(SoundLines + 1)], value, tolerated);
            if (rejection != RequestRejection.None)
            {
                return rejection;
            }
        }

        return RequestRejection.None;
    }
}
