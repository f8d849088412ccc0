using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace OneShot.Analyzers;

/// <summary>An analyzer of what is a request's: it begins where a compilation knows the packages' types, and leaves generated code alone.</summary>
/// <param name="rules">What it reports.</param>
internal abstract class RequestAnalyzer(params DiagnosticDescriptor[] rules) : DiagnosticAnalyzer
{
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(rules);

    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (KnownTypes.Of(start.Compilation) is { } types)
            {
                Start(start, types);
            }
        });
    }

    /// <summary>Registers what looks at the code. An analyzer serves several compilations at a time: what it finds belongs to what is registered here.</summary>
    protected abstract void Start(CompilationStartAnalysisContext start, KnownTypes types);
}
