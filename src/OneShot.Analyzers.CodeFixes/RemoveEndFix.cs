using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OneShot.Analyzers.CodeFixes;

/// <summary>Takes the statement away that ends what is not one's own, or the <see langword="using"/> before its declaration.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveEndFix)), Shared]
internal sealed class RemoveEndFix() : RuleFix("Leave it to its owner", Rules.NotYoursToEnd)
{
    protected override SyntaxNode? Fix(SyntaxNode root, SemanticModel model, Diagnostic diagnostic)
    {
        SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        if (node.Parent is ExpressionStatementSyntax { Parent: BlockSyntax } statement)
        {
            return root.RemoveNode(statement, SyntaxRemoveOptions.KeepNoTrivia);
        }

        return node.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is { } declaration
            && declaration.UsingKeyword.IsKind(SyntaxKind.UsingKeyword)
            && declaration.Declaration.Variables.Count == 1 && declaration.Declaration.Variables[0].Initializer?.Value == node
                ? root.ReplaceNode(declaration, declaration.WithUsingKeyword(default).WithLeadingTrivia(declaration.GetLeadingTrivia()))
                : null;
    }
}
