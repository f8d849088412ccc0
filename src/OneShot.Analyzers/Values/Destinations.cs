using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>How long a place lives that something is put into.</summary>
internal enum Lifetime
{
    /// <summary>No longer than the request, as far as can be told.</summary>
    Unknown,

    /// <summary>As long as an object of the type that the code stands in.</summary>
    OwnObject,

    /// <summary>Longer than the request.</summary>
    Longer,
}

/// <param name="Lifetime">How long it lives.</param>
/// <param name="Name">What to call it in a message.</param>
internal readonly record struct Destination(Lifetime Lifetime, string Name);

/// <summary>Tells how long the places live that code of one member puts something into.</summary>
internal sealed class Destinations(KnownTypes types, ISymbol member)
{
    private static readonly Destination s_unknown = new(Lifetime.Unknown, "");

    /// <summary>A place that is assigned to: a field, a property, an element, a variable.</summary>
    public Destination Of(IOperation? target)
    {
        IOperation? place = Operations.Unwrap(target);
        return place switch
        {
            IFieldReferenceOperation or IPropertyReferenceOperation or IEventReferenceOperation or IArrayElementReferenceOperation or IImplicitIndexerReferenceOperation => OfChain(place),
            ILocalReferenceOperation or IParameterReferenceOperation => OfVariable(place),
            _ => s_unknown,
        };
    }

    /// <summary>An object that something is added to.</summary>
    public Destination OfCollection(IOperation? receiver)
    {
        IOperation? place = Operations.Unwrap(receiver);
        if (place is null || !ProcessLife.Keeps(place.Type))
        {
            return s_unknown;
        }

        if (ProcessLife.IsCache(place.Type))
        {
            return new Destination(Lifetime.Longer, "the cache");
        }

        Destination destination = (place is ILocalReferenceOperation or IParameterReferenceOperation) ? OfVariable(place) : OfChain(place);
        return destination.Lifetime == Lifetime.Unknown && Operations.OriginOf(place) is IParameterReferenceOperation parameter ? OfInjected(parameter) : destination;
    }

    /// <summary>A static member anywhere in the chain lives as long as the process; a member of the own object as long as that.</summary>
    private Destination OfChain(IOperation place)
    {
        for (IOperation? current = place; current is not null; current = Operations.Unwrap(Operations.ReceiverOf(current)))
        {
            switch (current)
            {
                case IMemberReferenceOperation { Member: IPropertySymbol or IFieldSymbol or IEventSymbol } reference when reference.Member.IsStatic:
                    // An AsyncLocal is the flow's own: it ends with the request.
                    return (reference.Type as INamedTypeSymbol)?.Name is "AsyncLocal"
                        ? s_unknown
                        : new Destination(Lifetime.Longer, $"the static '{reference.Member.Name}'");
                case IMemberReferenceOperation { Instance: IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } } own:
                    return OfOwn(own.Member);
                case ILocalReferenceOperation or IParameterReferenceOperation when !ReferenceEquals(current, place):
                    return OfVariable(current);
            }
        }

        return s_unknown;
    }

    private Destination OfOwn(ISymbol field) =>
        ProcessLife.Has(member.ContainingType, types)
            ? new Destination(Lifetime.Longer, $"'{field.Name}' of '{member.ContainingType.Name}', of which there is one for all requests,")
            : new Destination(Lifetime.OwnObject, field.Name);

    /// <summary>A variable that a handler shares with the code around it has been there before the request; a primary constructor's parameter is the object's.</summary>
    private Destination OfVariable(IOperation reference)
    {
        if (Operations.VariableOf(reference) is not { } variable)
        {
            return s_unknown;
        }

        if (variable is IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } constructor } && !SymbolEqualityComparer.Default.Equals(constructor, member))
        {
            return OfOwn(variable);
        }

        return Handlers.Around(reference, member, types) is { } handler && !Operations.IsDeclaredIn(variable, handler)
            ? new Destination(Lifetime.Longer, $"'{variable.Name}', a variable outside of the handler,")
            : s_unknown;
    }

    /// <summary>A collection that an endpoint is given comes from the services, where collections are shared.</summary>
    private static Destination OfInjected(IParameterReferenceOperation parameter) =>
        parameter.Parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction } function
        && Operations.FunctionOf(parameter) is { } around
        && SymbolEqualityComparer.Default.Equals(Operations.SymbolOf(around), function)
        && Handlers.IsEndpoint(around)
            ? new Destination(Lifetime.Longer, $"'{parameter.Parameter.Name}', which comes from the services,")
            : s_unknown;
}
