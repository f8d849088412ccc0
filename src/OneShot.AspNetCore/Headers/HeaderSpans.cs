using System.Runtime.CompilerServices;
using OneShot.AspNetCore.Wire;

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
    // Where the lines were when this was made. They are read again when they have moved.
    private readonly HeaderTable.Lines _lines;

    internal HeaderSpans(HeaderTable.Lines lines) => _lines = lines;

    /// <summary>Where the lines were when this was made, for what reads more than header lines out of the head.</summary>
    internal HeaderTable.Lines Lines => _lines;

    /// <summary>The number of header lines, each duplicate counted.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public int Count => _lines.Current().Count;

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
        // Twice: what is no longer the request's is not looked at, and what was seen meanwhile is not believed.
        if (_lines.IsCurrent)
        {
            int index = _lines.IndexOf(name);
            value = index < 0 ? default : _lines.ValueAt(index);
            if (_lines.IsCurrent)
            {
                return index >= 0;
            }
        }

        return TryGetMoved(name, out value);
    }

    /// <summary>The first line with this name, as a handle that may be kept and cross an <see langword="await"/>: it copies nothing.</summary>
    /// <param name="name">A header name in UTF-8, in any case.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public HeaderHandle Handle(ReadOnlySpan<byte> name)
    {
        while (true)
        {
            HeaderTable.Lines lines = _lines.Current();
            int index = lines.IndexOf(name);
            if (lines.IsCurrent)
            {
                return lines.Table is { } table ? new HeaderHandle(table, lines.Version, index) : default;
            }
        }
    }

    /// <summary>The values of all lines with this name, in wire order: <c>foreach (var value in spans.GetValues(name))</c>.</summary>
    /// <param name="name">A header name in UTF-8, in any case.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ValueEnumerator GetValues(ReadOnlySpan<byte> name)
    {
        while (true)
        {
            HeaderTable.Lines lines = _lines.Current();
            int first = lines.IndexOf(name);
            if (lines.IsCurrent)
            {
                return new ValueEnumerator(lines, first);
            }
        }
    }

    /// <summary>All lines in wire order.</summary>
    public Enumerator GetEnumerator() => new(_lines.Current());

    /// <summary>Where the lines are now. A request moves them once, so this comes back to itself no more often.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetMoved(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) =>
        new HeaderSpans(_lines.Current()).TryGetValue(name, out value);
}
