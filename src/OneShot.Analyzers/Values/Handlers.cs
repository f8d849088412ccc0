using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>Which functions run within a request: endpoints, middleware, actions, methods of hubs.</summary>
internal static class Handlers
{
    /// <summary>The outermost lambda or local function around an operation that is given the request, within a member that is not; else null.</summary>
    public static IMethodSymbol? Around(IOperation operation, ISymbol member, KnownTypes types)
    {
        if (IsGivenRequest(member as IMethodSymbol, types) || KnownTypes.Inherits(member.ContainingType, types.Controller) || KnownTypes.Inherits(member.ContainingType, types.Hub))
        {
            return null;
        }

        IMethodSymbol? outermost = null;
        for (IOperation? function = Operations.FunctionOf(operation); function is not null; function = Operations.FunctionOf(function))
        {
            if (Operations.SymbolOf(function) is { } symbol && (IsGivenRequest(symbol, types) || IsEndpoint(function)))
            {
                outermost = symbol;
            }
        }

        return outermost;
    }

    /// <summary>Whether a lambda, or a method group, is what a route runs.</summary>
    public static bool IsEndpoint(IOperation function)
    {
        IOperation? parent = Operations.ParentOf(function);
        if (parent is IDelegateCreationOperation creation)
        {
            parent = Operations.ParentOf(creation);
        }

        return parent is IArgumentOperation { Parent: IInvocationOperation call } && IsMap(call.TargetMethod);
    }

    /// <summary><c>MapGet</c> and its kin, of an application or a group of routes.</summary>
    public static bool IsMap(IMethodSymbol method) =>
        method.Name.StartsWith("Map", StringComparison.Ordinal) && method.ContainingType is { Name: "EndpointRouteBuilderExtensions", ContainingNamespace.Name: "Builder" };

    private static bool IsGivenRequest(IMethodSymbol? method, KnownTypes types) =>
        method is not null && method.Parameters.Any(parameter => KnownTypes.Inherits(parameter.Type, types.HttpContext) || types.IsHandle(parameter.Type));
}
