using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The request's arena, and how it is left before the request ends. A request that lives for hours (an upgrade, a stream of
/// events) gives it back by itself if only the head is in it.
/// </summary>
internal abstract partial class Http1Exchange : IRequestArenaFeature
{
    private bool _isArenaTaken;

    Arena IRequestArenaFeature.Arena
    {
        get
        {
            ThrowIfOver();
            _isArenaTaken = true;
            return _connection.Arena;
        }
    }

    HeaderSpans IRequestArenaFeature.HeaderSpans
    {
        get
        {
            ThrowIfOver();
            return _connection.Table.Spans;
        }
    }

    bool IRequestArenaFeature.ReleaseArena()
    {
        ThrowIfOver();
        return TryReleaseArena();
    }

    /// <summary>The application has not asked for the arena, so nobody can miss it.</summary>
    private void ReleaseUntakenArena()
    {
        if (!_isArenaTaken)
        {
            TryReleaseArena();
        }
    }

    private bool TryReleaseArena()
    {
        if (!_body.TryLeaveArena())
        {
            return false;
        }

        _connection.ReleaseArena();
        _isArenaTaken = false;
        return true;
    }

    /// <summary>WHATWG HTML 9.2: server-sent events, a response without an end.</summary>
    private bool IsEventStream() =>
        _responseHeaders.TryGetValue(HeaderNames.ContentType, out StringValues type)
        && type.Count == 1
        && type[0] is { } text
        && text.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private void ThrowIfOver()
    {
        if (!_isActive)
        {
            throw new InvalidOperationException("The request is over: its arena and header spans belong to nobody any more.");
        }
    }
}
