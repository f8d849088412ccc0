namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The headers of a request as spans into the one copy of its head: no string is made, nothing is allocated.
/// </summary>
/// <remarks>
/// Lines are in wire order, duplicates are kept, names compare without regard to ASCII case (RFC 9110 5.1).
/// Spans are valid until the request ends, or leaves its arena before (<see cref="Requests.IRequestArenaFeature.ReleaseArena"/>), and show what the client sent, whatever middleware has since done to
/// <c>Request.Headers</c>. Not thread-safe. <c>default</c> is an empty set of headers.
/// </remarks>
public readonly ref partial struct HeaderSpans
{
    private readonly HeaderTable? _table;

    internal HeaderSpans(HeaderTable table) => _table = table;

    /// <summary>The number of header lines, each duplicate counted.</summary>
    public int Count => _table is null ? 0 : _table.Count;

    /// <summary>The value of the first line with this name; empty when there is none or when the value is empty.</summary>
    /// <param name="name">A header name in UTF-8, in any case, such as <c>"x-request-id"u8</c>.</param>
    public ReadOnlySpan<byte> this[ReadOnlySpan<byte> name]
    {
        get
        {
            TryGetValue(name, out ReadOnlySpan<byte> value);
            return value;
        }
    }

    /// <summary>Finds the first line with this name.</summary>
    /// <param name="name">A header name in UTF-8, in any case.</param>
    /// <param name="value">The raw value, or empty when there is no such line.</param>
    /// <returns>Whether there is such a line; its value may be empty.</returns>
    public bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int index = _table is null ? -1 : _table.IndexOf(name);
        value = index < 0 ? default : _table!.ValueAt(index);
        return index >= 0;
    }

    /// <summary>The values of all lines with this name, in wire order: <c>foreach (var value in spans.GetValues(name))</c>.</summary>
    /// <param name="name">A header name in UTF-8, in any case.</param>
    public ValueEnumerator GetValues(ReadOnlySpan<byte> name) => new(_table, _table is null ? -1 : _table.IndexOf(name));

    /// <summary>All lines in wire order.</summary>
    public Enumerator GetEnumerator() => new(_table);
}
