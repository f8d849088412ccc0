using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers;

/// <summary>OS0010: a program that has arenas, and no front that parses heads into them. A library may leave that to its user.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class MissingFrontAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.FrontMissing);

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.Options.OutputKind is not (OutputKind.ConsoleApplication or OutputKind.WindowsApplication))
            {
                return;
            }

            ConcurrentBag<Location> arenas = [];
            ConcurrentBag<bool> fronts = [];
            start.RegisterOperationAction(
                operation =>
                {
                    IMethodSymbol method = ((IInvocationOperation)operation.Operation).TargetMethod;
                    if (method is { Name: "AddOneShotArena", ContainingType.Name: "OneShotServiceCollectionExtensions" })
                    {
                        arenas.Add(operation.Operation.Syntax.GetLocation());
                    }
                    else if (method is { Name: "UseOneShotHttp1" })
                    {
                        fronts.Add(true);
                    }
                },
                OperationKind.Invocation);
            start.RegisterCompilationEndAction(end =>
            {
                if (!fronts.IsEmpty)
                {
                    return;
                }

                foreach (Location arena in arenas)
                {
                    end.ReportDiagnostic(Diagnostic.Create(Rules.FrontMissing, arena));
                }
            });
        });
    }
}
