using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0008: a local that was taken from the request's arena before <c>ReleaseArena()</c> is used after it, in the same block.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ReleasedArenaAnalyzer() : RequestAnalyzer(Rules.UsedAfterRelease)
{
    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types) =>
        start.RegisterOperationBlockAction(block => Run(block, types));

    private static void Run(OperationBlockAnalysisContext context, KnownTypes types)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            RequestValues? values = null;
            HashSet<ISymbol> reported = new(SymbolEqualityComparer.Default);
            foreach (IOperation operation in block.Descendants())
            {
                if (operation is not IInvocationOperation call || !types.IsReleaseArena(call.TargetMethod) || StatementOf(call) is not { Parent: IBlockOperation around } statement)
                {
                    continue;
                }

                values ??= new RequestValues(types, block);
                foreach (ILocalReferenceOperation use in around.Descendants().OfType<ILocalReferenceOperation>())
                {
                    if (use.Syntax.SpanStart >= statement.Syntax.Span.End && IsTakenBefore(use, statement, values) && reported.Add(use.Local))
                    {
                        context.ReportDiagnostic(Diagnostic.Create(Rules.UsedAfterRelease, use.Syntax.GetLocation(), use.Local.Name));
                    }
                }
            }
        }
    }

    /// <summary>The statement that a call is, or is the whole value of; null where it stands under a condition.</summary>
    private static IOperation? StatementOf(IInvocationOperation call)
    {
        IOperation current = call;
        for (IOperation? parent = Operations.ParentOf(call); parent is not null; current = parent, parent = Operations.ParentOf(parent))
        {
            if (parent is IBlockOperation)
            {
                return current is IExpressionStatementOperation or IVariableDeclarationGroupOperation ? current : null;
            }

            if (parent is IConditionalOperation or IConditionalAccessOperation or IAnonymousFunctionOperation or IBinaryOperation or ISwitchExpressionOperation)
            {
                return null;
            }
        }

        return null;
    }

    private static bool IsTakenBefore(ILocalReferenceOperation use, IOperation release, RequestValues values)
    {
        IReadOnlyList<IOperation> given = values.ValuesOf(use.Local);
        return given.Count > 0
            && given.All(value => value.Syntax.Span.End <= release.Syntax.SpanStart)
            && !(use.Parent is IAssignmentOperation assignment && ReferenceEquals(assignment.Target, use))
            && (values.Types.IsHandle(use.Type) ? !KnownTypes.Is(use.Type, values.Types.Feature) : values.Types.IsCarrier(use.Type))
            && ReferenceEquals(Operations.FunctionOf(use), Operations.FunctionOf(release))
            && !IsBegunAgain(use.Local, release, values)
            && values.IsOfRequest(use);
    }

    /// <summary>A writer that is reset with another arena's memory begins again.</summary>
    private static bool IsBegunAgain(ISymbol local, IOperation release, RequestValues values) =>
        values.Root.Descendants().OfType<IInvocationOperation>().Any(call => call.TargetMethod.Name == "Reset"
            && call.Syntax.SpanStart >= release.Syntax.Span.End
            && SymbolEqualityComparer.Default.Equals(Operations.VariableOf(call.Instance), local));
}
