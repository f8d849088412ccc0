using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// Of the request's scope: whose arena a parameter of type <see cref="RequestArena"/> is. Such a parameter is a service to the framework, and services do not know their request;
/// <see cref="ArenaParameterPolicy"/> tells.
/// </summary>
internal sealed class ArenaParameter
{
    /// <summary>The request, where its endpoint takes an arena.</summary>
    public HttpContext? Context { get; set; }

    /// <exception cref="InvalidOperationException">Nobody has told: the endpoint was not found by routing, or the service is not asked for as its parameter.</exception>
    public RequestArena Arena => Context is { } context
        ? context.Arena
        : throw new InvalidOperationException(
            "A RequestArena is given to handlers and actions whose parameter it is, and that routing has found. Take HttpContext instead, and context.Arena of that.");
}
