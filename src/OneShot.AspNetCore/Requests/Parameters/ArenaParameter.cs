using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// Of the request's scope: whose arena a parameter of type <see cref="RequestArena"/> is, and whose an action's <see cref="ArenaRequest"/>. Such a parameter is a service to the framework,
/// and services do not know their request; <see cref="ArenaParameterPolicy"/> tells.
/// </summary>
internal sealed class ArenaParameter
{
    /// <summary>The request, where its endpoint takes an arena.</summary>
    public HttpContext? Context { get; set; }

    /// <exception cref="InvalidOperationException">Nobody has told: the endpoint was not found by routing, or the service is not asked for as its parameter.</exception>
    public RequestArena Arena => Told.Arena;

    /// <exception cref="InvalidOperationException">As for <see cref="Arena"/>.</exception>
    public ArenaRequest Request => new(Told);

    private HttpContext Told => Context ?? throw new InvalidOperationException(
        "A RequestArena or ArenaRequest is given to handlers and actions whose parameter it is, and that routing has found. Take HttpContext instead, and what you need of that.");
}
