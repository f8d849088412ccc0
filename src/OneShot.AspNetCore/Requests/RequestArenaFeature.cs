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
    private Arena? _arena;
    private bool _filled;

    public Arena Arena => _arena ?? throw Ended();

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

    public void Begin(HttpContext context, Arena arena)
    {
        _context = context;
        _arena = arena;
    }

    /// <summary>Lets go of the request and hands back its arena.</summary>
    public Arena End()
    {
        Arena arena = Arena;
        _headers.Clear();
        _filled = false;
        _context = null;
        _arena = null;
        return arena;
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
