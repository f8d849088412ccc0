using Microsoft.CodeAnalysis;

namespace OneShot.Analyzers.Values;

/// <summary>Types of which the framework makes one for all requests.</summary>
internal static class ProcessLife
{
    private static readonly HashSet<string> s_once =
    [
        "Microsoft.Extensions.Hosting.IHostedService",
        "Microsoft.AspNetCore.Hosting.IStartupFilter",
        "Microsoft.AspNetCore.Http.IEndpointFilter",
        "Microsoft.AspNetCore.Diagnostics.IExceptionHandler",
        "Microsoft.Extensions.Logging.ILoggerProvider",
        "Microsoft.Extensions.Diagnostics.HealthChecks.IHealthCheckPublisher",
    ];

    private static readonly HashSet<string> s_caches =
    [
        "Microsoft.Extensions.Caching.Memory.IMemoryCache",
        "Microsoft.Extensions.Caching.Memory.MemoryCache",
        "Microsoft.Extensions.Caching.Hybrid.HybridCache",
    ];

    /// <summary>A hosted service, a middleware by convention, a filter of an endpoint, and the like.</summary>
    public static bool Has(INamedTypeSymbol? type, KnownTypes types) =>
        type is not null && (type.AllInterfaces.Any(static implemented => s_once.Contains(implemented.ToDisplayString())) || IsMiddleware(type, types));

    /// <summary>A middleware by convention is made once, with the next delegate; one that implements <c>IMiddleware</c> comes from the request's services.</summary>
    public static bool IsMiddleware(INamedTypeSymbol type, KnownTypes types) =>
        !type.AllInterfaces.Any(implemented => KnownTypes.Is(implemented, types.Middleware))
        && type.InstanceConstructors.Any(constructor => constructor.Parameters.Any(parameter => KnownTypes.Is(parameter.Type, types.RequestDelegate)))
        && type.GetMembers().OfType<IMethodSymbol>().Any(method => method.Name is "Invoke" or "InvokeAsync" && method.Parameters.FirstOrDefault() is { } first && KnownTypes.Is(first.Type, types.HttpContext));

    public static bool IsCache(ITypeSymbol? type) => type is not null && s_caches.Contains(type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat).TrimEnd('?'));

    /// <summary>A collection, a channel or a cache: what is put into it stays there.</summary>
    public static bool Keeps(ITypeSymbol? type) =>
        type is not null && (IsCache(type) || NamespaceOf(type) is { } name && (name.StartsWith("System.Collections", StringComparison.Ordinal) || name == "System.Threading.Channels"));

    private static string? NamespaceOf(ITypeSymbol type) => type.ContainingNamespace?.ToDisplayString();
}
