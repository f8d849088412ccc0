using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>
/// Tells which values of a method's body are a request's: its arena by their type, and memory, slices, lists and writers by where
/// they come from. What is not known to be a request's is taken for something else.
/// </summary>
internal sealed class RequestValues
{
    private readonly Dictionary<ILocalSymbol, List<IOperation>> _assigned = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<IMethodSymbol, ILocalFunctionOperation> _functions = new(SymbolEqualityComparer.Default);

    public RequestValues(KnownTypes types, IOperation root)
    {
        Types = types;
        Root = root;
        foreach (IOperation operation in root.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation declarator when declarator.GetVariableInitializer() is { } initializer:
                    Assign(declarator.Symbol, initializer.Value);
                    break;
                case IAssignmentOperation { Target: ILocalReferenceOperation target } assignment:
                    Assign(target.Local, assignment.Value);
                    break;
                case ILocalFunctionOperation function:
                    _functions[function.Symbol] = function;
                    break;
            }
        }
    }

    public KnownTypes Types { get; }

    public IOperation Root { get; }

    /// <summary>What a local is ever given.</summary>
    public IReadOnlyList<IOperation> ValuesOf(ISymbol? local) =>
        local is ILocalSymbol symbol && _assigned.TryGetValue(symbol, out List<IOperation>? values) ? values : [];

    public ILocalFunctionOperation? FunctionOf(IMethodSymbol? method) =>
        method is not null && _functions.TryGetValue(method.OriginalDefinition, out ILocalFunctionOperation? function) ? function : null;

    /// <summary>Whether a value is a request's, or holds on to something that is.</summary>
    public bool IsOfRequest(IOperation? value) => IsOfRequest(value, Visited());

    /// <summary>The use within a lambda or local function of something of a request that began outside of it; null for none.</summary>
    /// <param name="function">The lambda or local function.</param>
    /// <param name="ownersOnly">Only what allocates, not memory that was allocated before.</param>
    public IOperation? FindCaptured(IOperation? function, bool ownersOnly = false) => FindCaptured(function, ownersOnly, Visited());

    /// <summary>As <see cref="FindCaptured(IOperation?, bool)"/>, for a value: a lambda, a method group, a local that was given one.</summary>
    public IOperation? FindCapturedByValue(IOperation? value, bool ownersOnly = false) => FindCapturedByValue(value, ownersOnly, Visited());

    /// <summary>The functions that a value stands for: a lambda, a local function, what a local was given.</summary>
    public IEnumerable<IOperation> FunctionsOf(IOperation? value)
    {
        switch (Operations.Unwrap(value))
        {
            case IDelegateCreationOperation creation:
                return FunctionsOf(creation.Target);
            case IAnonymousFunctionOperation lambda:
                return [lambda];
            case IMethodReferenceOperation { Method: { } method } when FunctionOf(method) is { } function:
                return [function];
            case ILocalReferenceOperation local:
                return ValuesOf(local.Local).Where(static given => Operations.Unwrap(given) is IDelegateCreationOperation).SelectMany(FunctionsOf);
            default:
                return [];
        }
    }

    private static HashSet<object> Visited() => [];

    private void Assign(ILocalSymbol local, IOperation? value)
    {
        if (value is null)
        {
            return;
        }

        if (!_assigned.TryGetValue(local, out List<IOperation>? values))
        {
            _assigned[local] = values = [];
        }

        values.Add(value);
    }

    private bool IsOfRequest(IOperation? value, HashSet<object> visited)
    {
        IOperation? operation = Operations.Unwrap(value);
        if (operation is null || !visited.Add(operation))
        {
            return false;
        }

        switch (operation)
        {
            case IDefaultValueOperation or ILiteralOperation:
                return false;
            case IObjectCreationOperation creation:
                return IsHeldBy(creation, visited);
            case IConditionalOperation choice:
                return IsOfRequest(choice.WhenTrue, visited) || IsOfRequest(choice.WhenFalse, visited);
            case ICoalesceOperation coalesce:
                return IsOfRequest(coalesce.Value, visited) || IsOfRequest(coalesce.WhenNull, visited);
            case ISwitchExpressionOperation choice:
                return choice.Arms.Any(arm => IsOfRequest(arm.Value, visited));
            case IAssignmentOperation assignment:
                return IsOfRequest(assignment.Value, visited);
            case ITupleOperation tuple:
                return tuple.Elements.Any(element => IsOfRequest(element, visited));
            case IArrayCreationOperation { Initializer: { } initializer }:
                return initializer.ElementValues.Any(element => IsOfRequest(element, visited));
            case ICollectionExpressionOperation collection:
                return collection.Elements.Any(element => IsOfRequest(element is ISpreadOperation spread ? spread.Operand : element, visited));
            case IAnonymousObjectCreationOperation anonymous:
                return anonymous.Initializers.Any(initializer => initializer is ISimpleAssignmentOperation set && IsOfRequest(set.Value, visited));
            case IConditionalAccessOperation access when IsOfRequest(access.WhenNotNull, visited):
                return true;
            case IDelegateCreationOperation or IAnonymousFunctionOperation:
                return FindCapturedByValue(operation, ownersOnly: false, visited) is not null;
            case ILocalReferenceOperation local when !Types.IsHandle(local.Type):
                return ValuesOf(local.Local).Any(given => IsOfRequest(given, visited));
            case IInvocationOperation call when IsMadeByRequest(call, visited):
                return true;
            case IMemberReferenceOperation member when Types.IsCarrier(member.Type) && IsOfMemory(member.Member.ContainingType):
                return IsOfRequest(member.Instance, visited);
            case IImplicitIndexerReferenceOperation slice when Types.IsCarrier(slice.Type):
                return IsOfRequest(slice.Instance, visited);
            default:
                return Types.IsHandle(operation.Type);
        }
    }

    /// <summary>Whether an object holds what it was made of: certain only of those that are nothing but what they were given.</summary>
    private bool IsHeldBy(IObjectCreationOperation creation, HashSet<object> visited)
    {
        if (creation.Initializer is { } initializer && initializer.Initializers.Any(set => set is ISimpleAssignmentOperation assignment && IsOfRequest(assignment.Value, visited)))
        {
            return true;
        }

        bool holds = creation.Type is INamedTypeSymbol { IsRecord: true }
            or INamedTypeSymbol { Name: "KeyValuePair" or "Tuple" or "ValueTuple" or "Lazy" or "StrongBox" or "WeakReference" }
            || KnownTypes.Is(creation.Type, Types.Writer);
        return holds && creation.Arguments.Any(argument => IsOfRequest(argument.Value, visited));
    }

    private bool IsMadeByRequest(IInvocationOperation call, HashSet<object> visited)
    {
        IMethodSymbol method = call.TargetMethod;
        if (Types.IsCarrier(method.ReturnType))
        {
            return KnownTypes.Is(method.ContainingType, Types.RequestArena)
                || (IsOfMemory(method.ContainingType) && IsOfRequest(call.Instance, visited))
                || (method is { IsExtensionMethod: true, ContainingNamespace.Name: "System", Name: "AsMemory" or "AsSpan" } && IsOfRequest(Operations.ReceiverOf(call), visited));
        }

        return IsLazySequence(method) && call.Arguments.Any(argument => IsOfRequest(argument.Value, visited));
    }

    private bool IsOfMemory(INamedTypeSymbol? type) => Types.IsCarrier(type) || KnownTypes.Is(type, Types.HeaderSpans);

    /// <summary>Whether what is returned runs the method's body, or its lambdas, only when somebody asks for elements.</summary>
    private static bool IsLazySequence(IMethodSymbol method) =>
        method.ReturnType is INamedTypeSymbol { Name: "IEnumerable" or "IAsyncEnumerable" or "IEnumerator" or "IAsyncEnumerator" }
        && (method is { ContainingType: { Name: "Enumerable", ContainingNamespace.Name: "Linq" } }
            || method.DeclaringSyntaxReferences.Any(static declaration => declaration.GetSyntax().DescendantNodes().Any(static node => node is YieldStatementSyntax)));

    private IOperation? FindCapturedByValue(IOperation? value, bool ownersOnly, HashSet<object> visited)
    {
        IOperation? operation = Operations.Unwrap(value);
        switch (operation)
        {
            case IDelegateCreationOperation creation:
                return FindCapturedByValue(creation.Target, ownersOnly, visited);
            case IAnonymousFunctionOperation:
                return FindCaptured(operation, ownersOnly, visited);
            case IMethodReferenceOperation reference when FunctionOf(reference.Method) is { } function:
                return FindCaptured(function, ownersOnly, visited);
            case IMethodReferenceOperation { Instance: { } instance }:
                return Matches(instance, ownersOnly, visited) ? instance : null;
            case ILocalReferenceOperation { Type.TypeKind: TypeKind.Delegate } local:
                return ValuesOf(local.Local).Select(given => FindCapturedByValue(given, ownersOnly, visited)).FirstOrDefault(static found => found is not null);
            default:
                return null;
        }
    }

    private IOperation? FindCaptured(IOperation? function, bool ownersOnly, HashSet<object> visited)
    {
        if (Operations.SymbolOf(function) is not { } symbol || !visited.Add(symbol))
        {
            return null;
        }

        foreach (IOperation operation in function!.Descendants())
        {
            if (operation is IInvocationOperation { TargetMethod: { } called } && FunctionOf(called) is { } local
                && FindCaptured(local, ownersOnly, visited) is { } indirect && BeginsOutside(indirect, symbol))
            {
                return indirect;
            }

            if (IsUse(operation) && Matches(operation, ownersOnly, new HashSet<object>(visited)) && BeginsOutside(operation, symbol))
            {
                return operation;
            }
        }

        return null;
    }

    /// <summary>Whether something is asked for here: not a conversion of it, and not where it is only assigned to.</summary>
    private bool IsUse(IOperation operation) => operation switch
    {
        ILocalReferenceOperation or IParameterReferenceOperation => !(operation.Parent is IAssignmentOperation assignment && ReferenceEquals(assignment.Target, operation)),
        IMemberReferenceOperation or IInvocationOperation => Types.IsHandle(operation.Type) || operation is IInvocationOperation call && Types.IsReleaseArena(call.TargetMethod),
        _ => false,
    };

    private bool Matches(IOperation operation, bool ownersOnly, HashSet<object> visited) =>
        ownersOnly
            ? Types.IsOwner(operation.Type) && IsOfRequest(operation, visited)
            : IsOfRequest(operation, visited) || operation is IInvocationOperation call && Types.IsReleaseArena(call.TargetMethod);

    private static bool BeginsOutside(IOperation operation, ISymbol function) => Operations.OriginOf(operation) switch
    {
        ILocalReferenceOperation local => !Operations.IsDeclaredIn(local.Local, function),
        IParameterReferenceOperation parameter => !Operations.IsDeclaredIn(parameter.Parameter, function),
        IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } => true,
        _ => false,
    };
}
