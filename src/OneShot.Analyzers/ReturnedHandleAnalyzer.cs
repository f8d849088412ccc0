using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0007: an endpoint, an action or a method of a hub returns a handle over the arena, which no serializer can write.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ReturnedHandleAnalyzer() : RequestAnalyzer(Rules.HandleReturned)
{
    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types)
    {
        start.RegisterOperationAction(operation => CheckReturn(operation, types), OperationKind.Return);
        start.RegisterOperationAction(operation => CheckCall(operation, types), OperationKind.Invocation);
    }

    private static void CheckReturn(OperationAnalysisContext context, KnownTypes types)
    {
        if (((IReturnOperation)context.Operation).ReturnedValue is not { } value || !types.IsUnserializable(Operations.Unwrap(value)?.Type))
        {
            return;
        }

        IOperation? function = Operations.FunctionOf(context.Operation);
        bool answers = function is null
            ? IsAction(context.ContainingSymbol as IMethodSymbol, types)
            : function is IAnonymousFunctionOperation && Handlers.IsEndpoint(function);
        if (answers)
        {
            Report(context, value);
        }
    }

    /// <summary>A local function or a method that a route runs, and a handle that is made a result of.</summary>
    private static void CheckCall(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        IMethodSymbol method = call.TargetMethod;
        if (Handlers.IsMap(method))
        {
            foreach (IArgumentOperation argument in call.Arguments)
            {
                if (Operations.Unwrap(argument.Value) is IDelegateCreationOperation { Target: IMethodReferenceOperation group } && types.IsUnserializable(ResultOf(group.Method, types)))
                {
                    context.ReportDiagnostic(Diagnostic.Create(Rules.HandleReturned, group.Syntax.GetLocation(), ResultOf(group.Method, types)!.Name));
                }
            }
        }
        else if (method is { Name: "Ok" or "Json" or "Created" or "Accepted" or "Content" } && MakesResult(method.ContainingType, types))
        {
            foreach (IArgumentOperation argument in call.Arguments)
            {
                if (types.IsUnserializable(Operations.Unwrap(argument.Value)?.Type))
                {
                    Report(context, argument.Value);
                }
            }
        }
    }

    private static bool MakesResult(INamedTypeSymbol? type, KnownTypes types) =>
        type is { Name: "Results" or "TypedResults", ContainingNamespace.Name: "Http" } || KnownTypes.Inherits(type, types.Controller);

    private static bool IsAction(IMethodSymbol? method, KnownTypes types) =>
        method is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, MethodKind: MethodKind.Ordinary }
        && (KnownTypes.Inherits(method.ContainingType, types.Controller) || KnownTypes.Inherits(method.ContainingType, types.Hub))
        && !method.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name == "NonActionAttribute");

    private static ITypeSymbol? ResultOf(IMethodSymbol method, KnownTypes types) =>
        method.ReturnType is INamedTypeSymbol { TypeArguments.Length: 1 } task && types.IsTask(task) ? task.TypeArguments[0] : method.ReturnType;

    private static void Report(OperationAnalysisContext context, IOperation value)
    {
        IOperation shown = Operations.Unwrap(value) ?? value;
        context.ReportDiagnostic(Diagnostic.Create(Rules.HandleReturned, shown.Syntax.GetLocation(), Operations.TextOf(shown)));
    }
}
