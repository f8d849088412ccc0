namespace OneShot.AspNetCore.Tests.Architecture;

/// <summary>The rooms of the house and the floor each stands on, as docs/architecture.md has them.</summary>
internal static class Rooms
{
    private const string Root = "OneShot.AspNetCore.";

    public static readonly IReadOnlyDictionary<string, int> Floors = new Dictionary<string, int>
    {
        ["Hosting"] = 6,
        ["Http1"] = 5,
        ["Authentication"] = 5,
        ["Requests"] = 4,
        ["Telemetry"] = 4,
        ["Health"] = 4,
        ["Headers"] = 3,
        ["Wire"] = 2,
        ["Restart"] = 2,
        ["Succession"] = 2,
        ["Caching"] = 2,
        ["Logging"] = 1,
        ["OneShot"] = 1,
    };

    // Extension methods live where their users look for them, and so not in the namespace of their room.
    private static readonly Dictionary<string, string> s_extensions = new()
    {
        ["Microsoft.AspNetCore.Builder.OneShotApplicationBuilderExtensions"] = "Hosting",
        ["Microsoft.AspNetCore.Hosting.OneShotListenOptionsExtensions"] = "Hosting",
        ["Microsoft.AspNetCore.Hosting.OneShotWebHostBuilderExtensions"] = "Hosting",
        ["Microsoft.AspNetCore.Http.OneShotHttpContextExtensions"] = "Requests",
        ["Microsoft.Extensions.DependencyInjection.OneShotAuthenticationBuilderExtensions"] = "Authentication",
        ["Microsoft.Extensions.DependencyInjection.OneShotHealthChecksBuilderExtensions"] = "Health",
        ["Microsoft.Extensions.DependencyInjection.OneShotServiceCollectionExtensions"] = "Hosting",
    };

    /// <returns>The room a type of ours belongs to; null for a type of the framework.</returns>
    public static string? Of(TypeName type)
    {
        if (s_extensions.TryGetValue(type.FullName, out string? room))
        {
            return room;
        }

        if (type.Namespace.StartsWith(Root, StringComparison.Ordinal))
        {
            return type.Namespace[Root.Length..].Split('.')[0];
        }

        return type.Namespace == "OneShot" || type.Namespace.StartsWith("OneShot.", StringComparison.Ordinal) ? "OneShot" : null;
    }
}
