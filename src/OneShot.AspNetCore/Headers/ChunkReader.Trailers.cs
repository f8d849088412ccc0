using System.Diagnostics;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The trailer section: header syntax and header limits, counted apart from the head's own (RFC 9112 7.1.2).
/// </summary>
internal sealed partial class ChunkReader
{
    private const int InitialTrailerSize = 256;

    private static readonly HeaderTable s_noTrailers = new();

    private readonly HeaderTable _trailers = new();
    private Arena? _arena;
    private UnsafeSlice<byte> _gathered;
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

    /// <summary>The request is over: from here on nothing points into its arena.</summary>
    public void End()
    {
        _trailers.Clear();
        _gathered = default;
        _gatheredLength = 0;
        _arena = null;
    }

    /// <summary>The body has ended, and the arena is to go before the request does: from here on nothing points into it.</summary>
    public void LeaveArena()
    {
        Debug.Assert(IsDone, "what is still to come needs the arena");
        _trailers.LeaveArena();
        _gathered = default;
        _arena = null;
    }

    private void BeginTrailers(Arena arena)
    {
        _trailers.Clear();
        _arena = arena;
        _gathered = default;
        _gatheredLength = 0;
        _section.Begin(0);
        _hasTrailers = false;
    }

    private ChunkResult ReadTrailers(ReadOnlySpan<byte> input, ref int consumed)
    {
        // Without trailers, two bytes end the body; they need no room in the arena.
        if (!_hasTrailers && _gatheredLength == 0 && input[consumed..].StartsWith("\r\n"u8))
        {
            consumed += 2;
            _part = Part.Done;
            return ChunkResult.Done;
        }

        if (!_hasTrailers)
        {
            _trailers.Begin(_arena!);
            _hasTrailers = true;
        }

        // One byte over the limit is enough for the parser to say so; no more are ever gathered.
        int room = (int)Math.Min((long)limits.MaxRequestHeadersTotalSize + 1 - _gatheredLength, int.MaxValue);
        ReadOnlySpan<byte> arrived = input[consumed..];
        arrived = arrived[..Math.Min(arrived.Length, room)];
        int before = _gatheredLength;
        Gather(arrived);

        HeaderParseResult result = _section.Parse(
            _gathered.Span[.._gatheredLength], _trailers, limits.MaxRequestHeadersTotalSize, limits.MaxRequestHeaderCount, scanner: null);
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

        _trailers.Commit(_gathered.Slice(0, _section.Next));
        _part = Part.Done;
        return ChunkResult.Done;
    }

    private void Gather(ReadOnlySpan<byte> bytes)
    {
        int needed = _gatheredLength + bytes.Length;
        if (needed > _gathered.Length)
        {
            UnsafeSlice<byte> larger = _arena!.AllocateUnsafe<byte>(Math.Max(Math.Max(InitialTrailerSize, needed), _gathered.Length * 2));
            _gathered.Span[.._gatheredLength].CopyTo(larger.Span);
            _gathered = larger;
        }

        bytes.CopyTo(_gathered.Span[_gatheredLength..]);
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
