namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The headers of a request as spans into the one copy of its head: no string is made, nothing is allocated.
/// </summary>
/// <remarks>
/// Lines are in wire order, duplicates are kept, names compare without regard to ASCII case (RFC 9110 5.1).
/// Spans are valid until the request ends, or leaves its arena before (<see cref="Requests.IRequestArenaFeature.ReleaseArena"/>), and show what the client sent, whatever middleware has since done to
/// <c>Request.Headers</c>. <c>default</c> is an empty set of headers; any other refuses with an <see cref="ObjectDisposedException"/>
/// once the request is over.
/// </remarks>
public readonly ref partial struct HeaderSpans
{
    private readonly HeaderTable? _table;
    private readonly int _version;

    internal HeaderSpans(HeaderTable table, int version)
    {
        _table = table;
        _version = version;
    }

    /// <summary>The number of header lines, each duplicate counted.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public int Count => CountOf(_table, _version);

    /// <summary>The value of the first line with this name; empty when there is none or when the value is empty.</summary>
    /// <param name="name">A header name in UTF-8, in any case, such as <c>"x-request-id"u8</c>.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
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
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (_table is not null)
        {
            HeaderTable.Lines lines = _table.Read(_version);
            int index = lines.IndexOf(name);
            value = index < 0 ? default : lines.ValueAt(index);
            if (lines.IsCurrent)
            {
                return index >= 0;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The values of all lines with this name, in wire order: <c>foreach (var value in spans.GetValues(name))</c>.</summary>
    /// <param name="name">A header name in UTF-8, in any case.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ValueEnumerator GetValues(ReadOnlySpan<byte> name)
    {
        while (_table is not null)
        {
            HeaderTable.Lines lines = _table.Read(_version);
            int first = lines.IndexOf(name);
            if (lines.IsCurrent)
            {
                return new ValueEnumerator(_table, _version, first);
            }
        }

        return new ValueEnumerator(null, 0, -1);
    }

    /// <summary>All lines in wire order.</summary>
    public Enumerator GetEnumerator() => new(_table, _version);

    private static int CountOf(HeaderTable? table, int version)
    {
        while (table is not null)
        {
            HeaderTable.Lines lines = table.Read(version);
            if (lines.IsCurrent)
            {
                return lines.Count;
            }
        }

        return 0;
    }
}
