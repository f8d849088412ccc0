using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>The types that a compilation registers as singletons. Any thread may note one.</summary>
internal sealed class Singletons
{
    private static readonly HashSet<string> s_registrations = ["AddSingleton", "TryAddSingleton", "AddKeyedSingleton", "TryAddKeyedSingleton", "AddHostedService", "AddActivatedSingleton"];

    private readonly ConcurrentDictionary<ISymbol, bool> _types = new(SymbolEqualityComparer.Default);

    public bool Contains(INamedTypeSymbol type) => _types.ContainsKey(type.OriginalDefinition);

    public void Note(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        if (!s_registrations.Contains(method.Name) || method.ContainingNamespace?.ToDisplayString().StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal) != true)
        {
            return;
        }

        foreach (ITypeSymbol type in method.TypeArguments)
        {
            Note(type);
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            switch (Operations.Unwrap(argument.Value))
            {
                case ITypeOfOperation named:
                    Note(named.TypeOperand);
                    break;
                case IDelegateCreationOperation { Target: IAnonymousFunctionOperation factory }:
                    foreach (IReturnOperation returned in factory.Descendants().OfType<IReturnOperation>())
                    {
                        Note(Operations.Unwrap(returned.ReturnedValue)?.Type);
                    }

                    break;
                case IObjectCreationOperation instance:
                    Note(instance.Type);
                    break;
            }
        }
    }

    private void Note(ITypeSymbol? type)
    {
        if (type is INamedTypeSymbol named)
        {
            _types[named.OriginalDefinition] = true;
        }
    }
}
