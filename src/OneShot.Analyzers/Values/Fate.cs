using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>What becomes of a task, or a thread, that was started.</summary>
internal enum Fate
{
    /// <summary>It goes where this member cannot see: taken for awaited.</summary>
    Unknown,

    /// <summary>The code waits for it at once, or later.</summary>
    Awaited,

    /// <summary>Nobody waits for it, or not to its end.</summary>
    Abandoned,
}

/// <summary>Follows tasks of one body to where they are awaited.</summary>
internal sealed class Fates(RequestValues values)
{
    private static readonly HashSet<string> s_waits = ["GetAwaiter", "GetResult", "Wait", "Join"];

    private static readonly HashSet<string> s_same = ["ConfigureAwait", "Unwrap", "AsTask", "Preserve", "ContinueWith", "ToArray", "ToList"];

    public Fate Of(IOperation task) => Of(task, new HashSet<ISymbol>(SymbolEqualityComparer.Default));

    /// <summary>Where a local is waited for first; null for nowhere.</summary>
    public IOperation? FirstAwait(ISymbol local) =>
        ReferencesOf(local).FirstOrDefault(reference => Of(reference, new HashSet<ISymbol>(SymbolEqualityComparer.Default) { local }) == Fate.Awaited);

    /// <summary>The local that is given a task when it is started, by its declaration or an assignment.</summary>
    public static ISymbol? LocalOf(IOperation task) => Operations.ParentOf(task) switch
    {
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => declarator.Symbol,
        IAssignmentOperation { Target: ILocalReferenceOperation target } => target.Local,
        _ => null,
    };

    private Fate Of(IOperation task, HashSet<ISymbol> visited)
    {
        IOperation child = task;
        for (IOperation? parent = Operations.ParentOf(task); parent is not null; child = parent, parent = Operations.ParentOf(parent))
        {
            switch (parent)
            {
                case IAwaitOperation:
                    return Fate.Awaited;
                case IForEachLoopOperation each when Operations.IsIn(child, each.Collection):
                    return Fate.Awaited;
                case IPropertyReferenceOperation property:
                    return property.Property.Name == "Result" ? Fate.Awaited : Fate.Unknown;
                case IInvocationOperation call:
                    if (OfCall(call, visited) is { } fate)
                    {
                        return fate;
                    }

                    break;
                case IVariableDeclaratorOperation declarator:
                    return OfLocal(declarator.Symbol, visited);
                case IAssignmentOperation { Target: IDiscardOperation }:
                    return Fate.Abandoned;
                case IAssignmentOperation { Target: ILocalReferenceOperation target }:
                    return OfLocal(target.Local, visited);
                case IExpressionStatementOperation:
                    return Fate.Abandoned;
                case IArgumentOperation or IArrayInitializerOperation or IArrayCreationOperation or ICollectionExpressionOperation or ISpreadOperation
                    or IVariableInitializerOperation or IConditionalOperation or IConditionalAccessOperation:
                    break;
                default:
                    return Fate.Unknown;
            }
        }

        return Fate.Unknown;
    }

    /// <returns>Null where the call's result stands for the task.</returns>
    private Fate? OfCall(IInvocationOperation call, HashSet<ISymbol> visited)
    {
        IMethodSymbol method = call.TargetMethod;
        if (Starters.IsTaskMethod(method, "WhenAny", "WaitAny") || method.Name == "WaitAsync")
        {
            return Fate.Abandoned;
        }

        if (Starters.IsTaskMethod(method, "WaitAll", "WhenEach"))
        {
            return Fate.Awaited;
        }

        if (s_waits.Contains(method.Name))
        {
            return method.Parameters.IsEmpty ? Fate.Awaited : Fate.Abandoned;
        }

        if (method.Name is "Start" or "UnsafeStart")
        {
            return Fate.Abandoned;
        }

        if (Starters.IsTaskMethod(method, "WhenAll") || s_same.Contains(method.Name))
        {
            return null;
        }

        return method.Name is "Add" or "Enqueue" or "Push" && Operations.VariableOf(Operations.ReceiverOf(call)) is ILocalSymbol collection
            ? OfLocal(collection, visited)
            : Fate.Unknown;
    }

    private Fate OfLocal(ISymbol local, HashSet<ISymbol> visited)
    {
        if (!visited.Add(local))
        {
            return Fate.Unknown;
        }

        Fate fate = Fate.Abandoned;
        foreach (IOperation reference in ReferencesOf(local))
        {
            switch (Of(reference, visited))
            {
                case Fate.Awaited:
                    return Fate.Awaited;
                case Fate.Unknown when !IsNeutral(reference):
                    fate = Fate.Unknown;
                    break;
            }
        }

        return fate;
    }

    /// <summary>To add to a list of tasks says nothing about their end.</summary>
    private static bool IsNeutral(IOperation reference) =>
        Operations.ParentOf(reference) is IInvocationOperation { TargetMethod.Name: "Add" or "Enqueue" or "Push" } call
        && ReferenceEquals(Operations.Unwrap(Operations.ReceiverOf(call)), reference);

    private IEnumerable<IOperation> ReferencesOf(ISymbol local) =>
        values.Root.Descendants().Where(operation => operation is ILocalReferenceOperation reference
            && SymbolEqualityComparer.Default.Equals(reference.Local, local)
            && !(reference.Parent is IAssignmentOperation assignment && ReferenceEquals(assignment.Target, reference)));
}
