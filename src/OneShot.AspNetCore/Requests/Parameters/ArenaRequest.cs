using System.Reflection;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The request as its arena has it, as a parameter of a minimal API's handler, where it binds by itself, or of a controller's action, where it is a service.
/// </summary>
/// <remarks>
/// It is a view of the <see cref="HttpContext"/>, and all that it shows belongs to the request as that does. Binding it costs managed bytes, which a parameter of
/// type <see cref="HttpContext"/> does not: that one has the same members.
/// </remarks>
public sealed class ArenaRequest : IBindableFromHttpContext<ArenaRequest>
{
    private readonly HttpContext _context;

    internal ArenaRequest(HttpContext context) => _context = context;

    /// <summary>The request's arena, as <c>context.Arena</c>.</summary>
    /// <exception cref="InvalidOperationException">There is none, or the request is over.</exception>
    public RequestArena Arena => _context.Arena;

    /// <summary>The header lines, as <c>context.HeaderSpans</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no arena, or the request is over.</exception>
    public HeaderSpans HeaderSpans => _context.HeaderSpans;

    /// <summary>The query, as <c>context.QuerySpans</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no arena, or the request is over.</exception>
    public QuerySpans QuerySpans => _context.QuerySpans;

    /// <summary>The cookies, as <c>context.CookieSpans</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no arena, or the request is over.</exception>
    public CookieSpans CookieSpans => _context.CookieSpans;

    /// <summary>The token of <c>Authorization: Bearer</c>, as <c>context.BearerToken</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no arena, or the request is over.</exception>
    public ReadOnlySpan<byte> BearerToken => _context.BearerToken;

    /// <summary>The caller's place in a trace, as <c>context.TraceParent</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no arena, or the request is over.</exception>
    public TraceParent TraceParent => _context.TraceParent;

    /// <summary>The body in the arena, as <c>context.ReadBodyAsync</c> reads it.</summary>
    /// <param name="limit">The most bytes the body may have.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="BadHttpRequestException">413, or what the server refuses the body for.</exception>
    /// <exception cref="InvalidOperationException">There is no arena, or the body is being read by another call.</exception>
    public ValueTask<ArenaBody> ReadBodyAsync(int limit, CancellationToken cancellationToken = default) => _context.ReadBodyAsync(limit, cancellationToken);

    /// <summary>For minimal APIs, which find it by its name and call it.</summary>
    /// <param name="context">The request's.</param>
    /// <param name="parameter">Of the handler.</param>
    public static ValueTask<ArenaRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new ValueTask<ArenaRequest?>(new ArenaRequest(context));
    }
}
