using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0001 and OS0002: what is a request's is put where it stays longer than the request.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class KeptValueAnalyzer() : RequestAnalyzer(Rules.KeptBeyondRequest, Rules.KeptBySingleton)
{
    private static readonly HashSet<string> s_adders =
    [
        "Add", "TryAdd", "Enqueue", "Push", "PushRange", "Insert", "AddFirst", "AddLast", "AddRange", "AddOrUpdate", "SetItem",
        "TryWrite", "WriteAsync", "Set", "SetAsync",
    ];

    private static readonly HashSet<string> s_factories = ["GetOrAdd", "AddOrUpdate", "GetOrCreate", "GetOrCreateAsync"];

    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types)
    {
        Singletons singletons = new();
        ConcurrentBag<(INamedTypeSymbol Owner, IOperation Value)> kept = [];
        start.RegisterOperationAction(operation => singletons.Note((IInvocationOperation)operation.Operation), OperationKind.Invocation);
        start.RegisterOperationBlockAction(block => new Search(block, types, kept).Run());
        start.RegisterCompilationEndAction(end => ReportSingletons(end, singletons, kept));
    }

    private static void ReportSingletons(CompilationAnalysisContext end, Singletons singletons, ConcurrentBag<(INamedTypeSymbol Owner, IOperation Value)> kept)
    {
        foreach ((INamedTypeSymbol owner, IOperation value) in kept)
        {
            if (singletons.Contains(owner))
            {
                end.ReportDiagnostic(Diagnostic.Create(Rules.KeptBySingleton, value.Syntax.GetLocation(), Operations.TextOf(value), owner.Name));
            }
        }
    }

    private sealed class Search(OperationBlockAnalysisContext context, KnownTypes types, ConcurrentBag<(INamedTypeSymbol Owner, IOperation Value)> kept)
    {
        private readonly Destinations _destinations = new(types, context.OwningSymbol);

        public void Run()
        {
            foreach (IOperation block in context.OperationBlocks)
            {
                RequestValues? values = null;
                foreach (IOperation operation in block.DescendantsAndSelf())
                {
                    switch (operation)
                    {
                        case ISimpleAssignmentOperation assignment:
                            Check(assignment.Target, assignment.Value, Values());
                            break;
                        case ICoalesceAssignmentOperation assignment:
                            Check(assignment.Target, assignment.Value, Values());
                            break;
                        case ICompoundAssignmentOperation { Value: IDelegateCreationOperation } assignment:
                            Check(assignment.Target, assignment.Value, Values());
                            break;
                        case IEventAssignmentOperation { Adds: true } subscription:
                            Check(subscription.EventReference, subscription.HandlerValue, Values());
                            break;
                        case IDeconstructionAssignmentOperation deconstruction:
                            CheckPairs(deconstruction, Values());
                            break;
                        case IInvocationOperation call:
                            CheckCall(call, Values());
                            break;
                    }
                }

                RequestValues Values() => values ??= new RequestValues(types, block);
            }
        }

        private void CheckPairs(IDeconstructionAssignmentOperation deconstruction, RequestValues values)
        {
            if (Operations.Unwrap(deconstruction.Target) is ITupleOperation targets && Operations.Unwrap(deconstruction.Value) is ITupleOperation given
                && targets.Elements.Length == given.Elements.Length)
            {
                for (int i = 0; i < targets.Elements.Length; i++)
                {
                    Check(targets.Elements[i], given.Elements[i], values);
                }
            }
        }

        private void Check(IOperation target, IOperation value, RequestValues values)
        {
            Destination destination = _destinations.Of(target);
            if (destination.Lifetime != Lifetime.Unknown && values.IsOfRequest(value) && !IsTakenBack(target, values) && !IsBegunAgain(value, values))
            {
                Report(destination, value);
            }
        }

        private void CheckCall(IInvocationOperation call, RequestValues values)
        {
            if (call.TargetMethod.ContainingType is { Name: "Interlocked" or "Volatile", ContainingNamespace.Name: "Threading" } && call.Arguments.Length > 1)
            {
                Check(call.Arguments[0].Value, call.Arguments[1].Value, values);
                return;
            }

            bool adds = s_adders.Contains(call.TargetMethod.Name);
            bool makes = s_factories.Contains(call.TargetMethod.Name);
            if (!adds && !makes)
            {
                return;
            }

            IOperation? receiver = Operations.ReceiverOf(call);
            Destination destination = _destinations.OfCollection(receiver);
            if (destination.Lifetime == Lifetime.Unknown)
            {
                return;
            }

            foreach (IArgumentOperation argument in call.Arguments)
            {
                if (ReferenceEquals(argument.Value, receiver))
                {
                    continue;
                }

                IOperation? value = makes && values.FunctionsOf(argument.Value).FirstOrDefault() is { } factory
                    ? ReturnsOf(factory).FirstOrDefault(values.IsOfRequest)
                    : values.IsOfRequest(argument.Value) ? argument.Value : null;
                if (value is not null && !IsBegunAgain(value, values))
                {
                    Report(destination, value);
                    return;
                }
            }
        }

        /// <summary>What is put into a static for the time of a call, and taken out again whatever happens, stays no longer than the request.</summary>
        private static bool IsTakenBack(IOperation target, RequestValues values) =>
            Operations.Unwrap(target) is IFieldReferenceOperation { Field: var field }
            && values.Root.Descendants().Any(operation => operation is ITryOperation { Finally: { } last }
                && last.Descendants().Any(step => step is ISimpleAssignmentOperation { Target: IFieldReferenceOperation back } reset
                    && SymbolEqualityComparer.Default.Equals(back.Field, field)
                    && Operations.Unwrap(reset.Value) is IDefaultValueOperation or ILiteralOperation));

        /// <summary>A writer may be kept from request to request, by code that has it begin again in the memory of each.</summary>
        private bool IsBegunAgain(IOperation value, RequestValues values) =>
            KnownTypes.Is(Operations.Unwrap(value)?.Type, types.Writer)
            && values.Root.Descendants().Any(operation => operation is IInvocationOperation { TargetMethod: { Name: "Reset", Parameters.Length: 1 } reset } && KnownTypes.Is(reset.ContainingType, types.Writer));

        private void Report(Destination destination, IOperation value)
        {
            IOperation shown = Operations.Unwrap(value) ?? value;
            if (destination.Lifetime == Lifetime.Longer)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.KeptBeyondRequest, shown.Syntax.GetLocation(), Operations.TextOf(shown), destination.Name));
            }
            else
            {
                kept.Add((context.OwningSymbol.ContainingType, shown));
            }
        }

        private static IEnumerable<IOperation> ReturnsOf(IOperation function) =>
            function.Descendants().OfType<IReturnOperation>().Where(returned => ReferenceEquals(Operations.FunctionOf(returned), function) && returned.ReturnedValue is not null)
                .Select(static returned => returned.ReturnedValue!);
    }
}
