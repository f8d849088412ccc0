using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0003: work that nobody waits for is given what is a request's.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class BackgroundWorkAnalyzer() : RequestAnalyzer(Rules.BackgroundWork)
{
    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types) =>
        start.RegisterOperationBlockAction(block => Run(block, types));

    private static void Run(OperationBlockAnalysisContext context, KnownTypes types)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            RequestValues? values = null;
            foreach (IOperation operation in block.Descendants())
            {
                if (operation is IInvocationOperation or IObjectCreationOperation
                    && FindAbandoned(operation, values ??= new RequestValues(types, block)) is { } use)
                {
                    context.ReportDiagnostic(Diagnostic.Create(
                        Rules.BackgroundWork, use.Syntax.GetLocation(), new[] { operation.Syntax.GetLocation() }, Operations.TextOf(use)));
                }
            }
        }
    }

    /// <summary>What a call gives to work that nobody waits for.</summary>
    private static IOperation? FindAbandoned(IOperation operation, RequestValues values)
    {
        if (Starters.StartsCallback(operation))
        {
            return IsJoined(operation, values) ? null : FindGiven(operation, values);
        }

        if (!Starters.StartsTask(operation) && !RunsByItself(operation, values.Types))
        {
            return null;
        }

        // What is given is looked for first: it is mostly nothing, and cheaper to tell.
        return FindGiven(operation, values) is { } use && IsAbandoned(operation, values) ? use : null;
    }

    private static bool IsAbandoned(IOperation operation, RequestValues values) =>
        operation is IInvocationOperation { TargetMethod: { IsAsync: true, ReturnsVoid: true } } || new Fates(values).Of(operation) == Fate.Abandoned;

    /// <summary>An asynchronous method, or one that returns a task. A pipe has copied what it is given when it returns.</summary>
    private static bool RunsByItself(IOperation operation, KnownTypes types) =>
        operation is IInvocationOperation { TargetMethod: { } method }
        && (types.IsTask(method.ReturnType) || method is { IsAsync: true, ReturnsVoid: true })
        && method.ContainingType is not { Name: "PipeWriter" }
        && !Starters.IsTaskMethod(method, "WhenAll", "WhenAny", "Delay");

    private static bool IsJoined(IOperation operation, RequestValues values) =>
        operation is IInvocationOperation { TargetMethod.ContainingType.Name: "Thread" } start
        && Operations.VariableOf(Operations.ReceiverOf(start)) is ILocalSymbol thread
        && new Fates(values).FirstAwait(thread) is not null;

    private static IOperation? FindGiven(IOperation operation, RequestValues values)
    {
        ImmutableArray<IArgumentOperation> arguments = operation is IInvocationOperation call ? call.Arguments : ((IObjectCreationOperation)operation).Arguments;
        foreach (IArgumentOperation argument in arguments)
        {
            if (values.FindCapturedByValue(argument.Value) is { } captured)
            {
                return captured;
            }

            if (values.IsOfRequest(argument.Value))
            {
                return Operations.Unwrap(argument.Value);
            }
        }

        return operation is IInvocationOperation { TargetMethod: { } method } && values.FunctionOf(method) is { } function ? values.FindCaptured(function) : null;
    }
}
