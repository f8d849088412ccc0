using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0004: several tasks, or threads, use a request's arena at the same time. Memory that was allocated before may be shared out.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class SharedArenaAnalyzer() : RequestAnalyzer(Rules.SharedByTasks)
{
    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types) =>
        start.RegisterOperationBlockAction(block => Run(block, types));

    private static void Run(OperationBlockAnalysisContext context, KnownTypes types)
    {
        HashSet<SyntaxNode> reported = [];
        foreach (IOperation block in context.OperationBlocks)
        {
            RequestValues? values = null;
            foreach (IOperation operation in block.Descendants())
            {
                if (operation is IInvocationOperation or IObjectCreationOperation
                    && Find(operation, values ??= new RequestValues(types, block)) is { } use && reported.Add(use.Syntax))
                {
                    context.ReportDiagnostic(Diagnostic.Create(Rules.SharedByTasks, use.Syntax.GetLocation(), Operations.TextOf(use)));
                }
            }
        }
    }

    private static IOperation? Find(IOperation operation, RequestValues values)
    {
        if (operation is IInvocationOperation call)
        {
            if (Starters.RunsInParallel(call.TargetMethod))
            {
                return call.Arguments.Select(argument => values.FindCapturedByValue(argument.Value, ownersOnly: true)).FirstOrDefault(static use => use is not null);
            }

            if (Starters.IsTaskMethod(call.TargetMethod, "WhenAll", "WhenAny", "WaitAll", "WaitAny", "WhenEach"))
            {
                return new Gathering(values).FindShared(call);
            }
        }

        return Starters.StartsTask(operation) ? FindBeside(operation, values) : null;
    }

    /// <summary>A use of the arena between the start of a task that uses it too and the place where that is waited for.</summary>
    private static IOperation? FindBeside(IOperation started, RequestValues values)
    {
        if (Fates.LocalOf(started) is not { } local
            || Gathering.OwnerUsedBy(started, values) is null
            || new Fates(values).FirstAwait(local) is not { } awaited)
        {
            return null;
        }

        int from = started.Syntax.Span.End;
        int to = awaited.Syntax.SpanStart;
        return values.Root.Descendants().FirstOrDefault(operation =>
            operation.Syntax.SpanStart >= from && operation.Syntax.Span.End <= to
            && operation is ILocalReferenceOperation or IParameterReferenceOperation or IPropertyReferenceOperation
            && values.Types.IsOwner(operation.Type) && values.IsOfRequest(operation)
            && !(operation.Parent is IAssignmentOperation assignment && ReferenceEquals(assignment.Target, operation)));
    }
}
