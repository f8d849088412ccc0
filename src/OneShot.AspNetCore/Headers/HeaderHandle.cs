using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// Where a header line of a request is, for code that has to find it again behind an <see langword="await"/>: the value's bytes are neither copied nor looked up
/// anew. <see langword="default"/> is of no line.
/// </summary>
/// <remarks>Valid until the request ends, also when its headers move with <c>ReleaseArena</c>; from then on it refuses. Any number of threads may use it.</remarks>
public readonly struct HeaderHandle
{
    private readonly HeaderTable? _table;
    private readonly int _version;
    private readonly int _index;

    internal HeaderHandle(HeaderTable table, int version, int index)
    {
        _table = table;
        _version = version;
        _index = index;
    }

    /// <summary>Whether there is such a line; its value may be empty.</summary>
    public bool IsPresent => _table is not null && _index >= 0;

    /// <summary>The raw value; empty where there is no such line. The span is valid as those of <see cref="HeaderSpans"/> are.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            while (_table is not null)
            {
                HeaderTable.Lines lines = _table.Read(_version);
                ReadOnlySpan<byte> value = _index < 0 ? default : lines.ValueAt(_index);
                if (lines.IsCurrent)
                {
                    return value;
                }
            }

            return default;
        }
    }
}
