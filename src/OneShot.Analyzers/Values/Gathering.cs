using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>The tasks that a <c>Task.WhenAll</c>, or its like, gathers, and whether two of them may use an arena at the same time.</summary>
internal sealed class Gathering(RequestValues values)
{
    private readonly HashSet<ISymbol> _visited = new(SymbolEqualityComparer.Default);
    private readonly List<IOperation> _uses = [];
    private IOperation? _repeated;

    /// <returns>The use that meets another one; null for none.</returns>
    public IOperation? FindShared(IInvocationOperation gather)
    {
        foreach (IArgumentOperation argument in gather.Arguments)
        {
            Visit(argument.Value, gather);
        }

        return _repeated ?? (_uses.Count > 1 ? _uses[1] : null);
    }

    /// <summary>What a call or a creation is given of a request that allocates: as an argument, by a lambda, by a local function.</summary>
    public static IOperation? OwnerUsedBy(IOperation operation, RequestValues values)
    {
        IEnumerable<IArgumentOperation> arguments = operation switch
        {
            IInvocationOperation call => call.Arguments,
            IObjectCreationOperation creation => creation.Arguments,
            _ => [],
        };
        foreach (IArgumentOperation argument in arguments)
        {
            IOperation? value = Operations.Unwrap(argument.Value);
            if (value is not null && values.Types.IsOwner(value.Type) && values.IsOfRequest(value))
            {
                return value;
            }

            if (values.FindCapturedByValue(value, ownersOnly: true) is { } captured)
            {
                return captured;
            }
        }

        return operation is IInvocationOperation { TargetMethod: { } method } && values.FunctionOf(method) is { } function
            ? values.FindCaptured(function, ownersOnly: true)
            : null;
    }

    private void Visit(IOperation? tasks, IOperation gather)
    {
        switch (Operations.Unwrap(tasks))
        {
            case IArrayCreationOperation { Initializer: { } initializer }:
                VisitAll(initializer.ElementValues, gather);
                break;
            case ICollectionExpressionOperation collection:
                VisitAll(collection.Elements, gather);
                break;
            case ISpreadOperation spread:
                Visit(spread.Operand, gather);
                break;
            case ILocalReferenceOperation local when _visited.Add(local.Local):
                VisitAll(values.ValuesOf(local.Local), gather);
                VisitAdded(local.Local, gather);
                break;
            case IInvocationOperation { TargetMethod.ContainingType: { Name: "Enumerable", ContainingNamespace.Name: "Linq" } } query:
                VisitQuery(query, gather);
                break;
            case { } task and (IInvocationOperation or IObjectCreationOperation):
                if (OwnerUsedBy(task, values) is { } use)
                {
                    _uses.Add(use);
                }

                break;
        }
    }

    private void VisitAll(IEnumerable<IOperation> tasks, IOperation gather)
    {
        foreach (IOperation task in tasks)
        {
            Visit(task, gather);
        }
    }

    /// <summary>Tasks that are added to a list; in a loop there are many.</summary>
    private void VisitAdded(ILocalSymbol list, IOperation gather)
    {
        foreach (IInvocationOperation added in values.Root.Descendants().OfType<IInvocationOperation>())
        {
            if (added.TargetMethod.Name is not ("Add" or "Enqueue" or "Push") || added.Arguments.IsEmpty
                || !SymbolEqualityComparer.Default.Equals(Operations.VariableOf(Operations.ReceiverOf(added)), list))
            {
                continue;
            }

            IOperation? task = Operations.Unwrap(added.Arguments[added.Arguments.Length - 1].Value);
            if (task is not null && OwnerUsedBy(task, values) is { } use)
            {
                _uses.Add(use);
                if (Operations.LoopOf(added) is { } loop && !Operations.IsIn(gather, loop))
                {
                    _repeated ??= use;
                }
            }
        }
    }

    /// <summary>A query runs its lambda for every element, one after another, each until its first wait.</summary>
    private void VisitQuery(IInvocationOperation query, IOperation gather)
    {
        foreach (IArgumentOperation argument in query.Arguments)
        {
            foreach (IOperation function in values.FunctionsOf(argument.Value))
            {
                _repeated ??= FindConcurrent(function);
            }
        }

        if (Operations.ReceiverOf(query) is { } source && Operations.Unwrap(source) is IInvocationOperation or ILocalReferenceOperation)
        {
            Visit(source, gather);
        }
    }

    private IOperation? FindConcurrent(IOperation function)
    {
        foreach (IOperation operation in function.Descendants())
        {
            bool starts = Starters.StartsTask(operation) || operation is IInvocationOperation { TargetMethod.ReturnType: { } type } && values.Types.IsTask(type);
            if (starts && OwnerUsedBy(operation, values) is { } given && IsFromOutside(given, function))
            {
                return given;
            }
        }

        List<IOperation> waits = [.. function.Descendants().Where(operation => operation is IAwaitOperation && ReferenceEquals(Operations.FunctionOf(operation), function))];
        return waits.Count == 0
            ? null
            : function.Descendants().FirstOrDefault(operation =>
                values.Types.IsOwner(operation.Type)
                && operation is ILocalReferenceOperation or IParameterReferenceOperation or IPropertyReferenceOperation
                && IsFromOutside(operation, function) && values.IsOfRequest(operation)
                && waits.Any(wait => wait.Syntax.Span.End <= operation.Syntax.SpanStart || Operations.LoopOf(operation) is { } loop && Operations.IsIn(wait, loop)));
    }

    private static bool IsFromOutside(IOperation use, IOperation function) =>
        Operations.VariableOf(Operations.OriginOf(use)) is not { } variable || Operations.SymbolOf(function) is { } symbol && !Operations.IsDeclaredIn(variable, symbol);
}
