using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0009: <c>context.HeaderSpans</c> in a loop where a local before it would do. Across an <see langword="await"/> no local of it may live.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class HeaderSpansInLoopAnalyzer() : RequestAnalyzer(Rules.HeaderSpansInLoop)
{
    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types)
    {
        if (types.HeaderSpans is not null)
        {
            start.RegisterOperationAction(operation => Check(operation, types), OperationKind.PropertyReference);
        }
    }

    private static void Check(OperationAnalysisContext context, KnownTypes types)
    {
        var read = (IPropertyReferenceOperation)context.Operation;
        if (!KnownTypes.Is(read.Type, types.HeaderSpans) || Operations.LoopOf(read) is not { } loop || !IsTheSame(read, loop) || IsSuspended(loop, types))
        {
            return;
        }

        context.ReportDiagnostic(Diagnostic.Create(Rules.HeaderSpansInLoop, read.Syntax.GetLocation(), Operations.TextOf(read)));
    }

    /// <summary>Whether every round of the loop asks the same variable, by properties only.</summary>
    private static bool IsTheSame(IPropertyReferenceOperation read, ILoopOperation loop)
    {
        for (IOperation? link = Operations.Unwrap(Operations.ReceiverOf(read)); link is not null; link = Operations.Unwrap(Operations.ReceiverOf(link)))
        {
            if (link is not (IMemberReferenceOperation or ILocalReferenceOperation or IParameterReferenceOperation or IInstanceReferenceOperation))
            {
                return false;
            }
        }

        ISymbol? variable = Operations.VariableOf(Operations.OriginOf(read));
        return variable is null
            || (!variable.DeclaringSyntaxReferences.Any(declaration => declaration.SyntaxTree == loop.Syntax.SyntaxTree && loop.Syntax.Span.Contains(declaration.Span))
                && !loop.Descendants().Any(operation => operation is IAssignmentOperation assignment && SymbolEqualityComparer.Default.Equals(Operations.VariableOf(assignment.Target), variable)));
    }

    /// <summary>Whether a round waits, yields, or gives the arena back: the spans have to be read again afterwards.</summary>
    private static bool IsSuspended(ILoopOperation loop, KnownTypes types) =>
        loop is IForEachLoopOperation { IsAsynchronous: true }
        || loop.Descendants().Any(operation => operation is IAwaitOperation or IReturnOperation { Kind: OperationKind.YieldReturn } or IUsingOperation { IsAsynchronous: true }
            || (operation is IForEachLoopOperation { IsAsynchronous: true })
            || (operation is IInvocationOperation call && types.IsReleaseArena(call.TargetMethod)));
}
