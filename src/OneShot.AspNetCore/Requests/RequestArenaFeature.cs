using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The feature on servers whose own parser has already made strings of the headers (HTTP/2, HTTP/3, TestServer, IIS).
/// Pooled: one object serves many requests, one after the other.
/// </summary>
internal sealed class RequestArenaFeature : IRequestArenaFeature
{
    private readonly HeaderTable _headers = new();
    private HttpContext? _context;
    private RequestArenaPool? _arenas;
    private Arena? _arena;
    private bool _filled;

    public Arena Arena => _arenas is null ? throw Ended() : _arena ??= _arenas.Rent();

    public HeaderSpans HeaderSpans
    {
        get
        {
            if (!_filled)
            {
                Fill();
            }

            return _headers.Spans;
        }
    }

    public void Begin(HttpContext context, RequestArenaPool arenas)
    {
        _context = context;
        _arenas = arenas;
        _arena = arenas.Rent();
    }

    public bool ReleaseArena()
    {
        RequestArenaPool arenas = _arenas ?? throw Ended();
        if (_arena is { } arena)
        {
            _headers.LeaveArena();
            _arena = null;
            arenas.Return(arena);
        }

        return true;
    }

    /// <summary>Lets go of the request and gives back its arena.</summary>
    public void End()
    {
        RequestArenaPool? arenas = _arenas;
        Arena? arena = _arena;
        _headers.Clear();
        _filled = false;
        _context = null;
        _arenas = null;
        _arena = null;
        if (arena is not null)
        {
            arenas!.Return(arena);
        }
    }

    // On first use only: a request whose headers nobody asks for as spans should not pay for a second copy of them.
    private void Fill()
    {
        HttpContext context = _context ?? throw Ended();
        _headers.Clear();
        _headers.Fill(context.Request.Headers, Arena);
        _filled = true;
    }

    private static InvalidOperationException Ended() =>
        new("This request has ended and its arena serves another one. Use the arena and its spans within the request only.");
}
