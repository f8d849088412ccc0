using System.Buffers;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// The trailer section: header syntax and header limits, counted apart from the head's own (RFC 9112 7.1.2).
/// </summary>
/// <remarks>
/// Bytes stay in an array of the pool until the request ends. Trailers are rare and come in pieces; an arena could not take
/// back what a piece has outgrown, and the application may have set a mark in it by then.
/// </remarks>
internal sealed partial class ChunkReader
{
    private const int InitialTrailerSize = 256;

    private static readonly HeaderTable s_noTrailers = MakeEmpty();

    private readonly HeaderTable _trailers = new();
    private byte[] _gathered = [];
    private int _gatheredLength;
    private FieldSectionParser _section;
    private bool _hasTrailers;

    /// <summary>The trailers, once the body has ended; empty when there were none. They never join the headers.</summary>
    public HeaderTable Trailers => IsDone ? _trailers : s_noTrailers;

    /// <summary>
    /// How many bytes of the body so far are trailers: they have limits of their own. The empty line that ends a body without any
    /// counts with the body, however it comes.
    /// </summary>
    public int TrailerBytes => !IsDone ? _gatheredLength : _trailers.Count > 0 ? _section.Next : 0;

    /// <summary>The request is over: from here on nothing of its trailers can be read.</summary>
    public void End()
    {
        _trailers.Clear();
        _gatheredLength = 0;
        if (_gathered.Length > 0 && Interlocked.Exchange(ref _gathered, []) is { Length: > 0 } gathered)
        {
            ArrayPool<byte>.Shared.Return(gathered); // by whoever takes it out: a thread that the application has left reading may be gathering
        }
    }

    private static HeaderTable MakeEmpty()
    {
        var table = new HeaderTable();
        table.Commit([], 0);
        return table;
    }

    private void BeginTrailers()
    {
        End();
        _section.Begin(0);
        _hasTrailers = false;
    }

    private ChunkResult ReadTrailers(ReadOnlySpan<byte> input, ref int consumed)
    {
        // Without trailers, two bytes end the body; they need no room.
        if (!_hasTrailers && _gatheredLength == 0 && input[consumed..].StartsWith("\r\n"u8))
        {
            consumed += 2;
            _trailers.Commit([], 0);
            _part = Part.Done;
            return ChunkResult.Done;
        }

        _hasTrailers = true;
        // One byte over the limit is enough for the parser to say so; no more are ever gathered.
        int room = (int)Math.Min((long)limits.MaxRequestHeadersTotalSize + 1 - _gatheredLength, int.MaxValue);
        ReadOnlySpan<byte> arrived = input[consumed..];
        arrived = arrived[..Math.Min(arrived.Length, room)];
        int before = _gatheredLength;
        Gather(arrived);

        HeaderParseResult result = _section.Parse(
            _gathered.AsSpan(0, _gatheredLength), _trailers, limits.MaxRequestHeadersTotalSize, limits.MaxRequestHeaderCount, scanner: null, limits.Tolerated);
        switch (result)
        {
            case HeaderParseResult.Done:
                consumed += _section.Next - before;
                return EndTrailers();
            case HeaderParseResult.Rejected:
                Rejection = _section.Rejection;
                return ChunkResult.Rejected;
            default:
                consumed += arrived.Length;
                return ChunkResult.NeedMore;
        }
    }

    private ChunkResult EndTrailers()
    {
        foreach (HeaderEntry entry in _trailers.Entries)
        {
            if (IsForbidden(entry.Known))
            {
                Rejection = RequestRejection.ForbiddenTrailer;
                return ChunkResult.Rejected;
            }
        }

        _trailers.Commit(_gathered, _section.Next);
        _part = Part.Done;
        return ChunkResult.Done;
    }

    private void Gather(ReadOnlySpan<byte> bytes)
    {
        int needed = _gatheredLength + bytes.Length;
        if (needed > _gathered.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(InitialTrailerSize, Math.Max(needed, _gathered.Length * 2)));
            byte[] smaller = _gathered;
            smaller.AsSpan(0, _gatheredLength).CopyTo(larger);
            if (Interlocked.CompareExchange(ref _gathered, larger, smaller) == smaller && smaller.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(smaller);
            }
        }

        bytes.CopyTo(_gathered.AsSpan(_gatheredLength));
        _gatheredLength = needed;
    }

    /// <summary>
    /// Fields that frame, route, authenticate or describe the message come before it or not at all (RFC 9110 6.5.1).
    /// </summary>
    private static bool IsForbidden(KnownHeader header) => header is
        KnownHeader.ContentLength or KnownHeader.TransferEncoding or KnownHeader.TE or KnownHeader.Trailer or
        KnownHeader.Host or KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection or KnownHeader.Upgrade or
        KnownHeader.Expect or KnownHeader.MaxForwards or KnownHeader.Authorization or KnownHeader.ProxyAuthorization or KnownHeader.Cookie or
        KnownHeader.ContentEncoding or KnownHeader.ContentType or KnownHeader.ContentRange;
}
