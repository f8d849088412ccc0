using System.Security.Claims;

namespace Gateway;

/// <summary><c>GET /me</c>: who the token says that the caller is. Answered here, by no backend.</summary>
internal static class CallerEndpoint
{
    public static Caller Write(ClaimsPrincipal user) => new(user.Identity?.Name, user.FindFirstValue("scope"));

    internal sealed record Caller(string? Subject, string? Scope);
}
