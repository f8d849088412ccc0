using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace OneShot.Analyzers.CodeFixes;

/// <summary>A fix that replaces the tree of one document. It is offered only where it is sure to mean what the rule asks for.</summary>
internal abstract class RuleFix(string title, params DiagnosticDescriptor[] rules) : CodeFixProvider
{
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.CreateRange(rules.Select(static rule => rule.Id));

    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
        {
            return;
        }

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (Fix(root, model, diagnostic) is { } changed)
            {
                Document document = context.Document.WithSyntaxRoot(changed);
                context.RegisterCodeFix(CodeAction.Create(title, _ => Task.FromResult(document), equivalenceKey: diagnostic.Id), diagnostic);
            }
        }
    }

    /// <returns>The changed tree; null where there is no fix.</returns>
    protected abstract SyntaxNode? Fix(SyntaxNode root, SemanticModel model, Diagnostic diagnostic);

    protected static bool IsTask(ITypeSymbol? type) => type is { Name: "Task" or "ValueTask", ContainingNamespace.Name: "Tasks" };
}
