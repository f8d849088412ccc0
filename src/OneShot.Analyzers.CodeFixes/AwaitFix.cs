using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace OneShot.Analyzers.CodeFixes;

/// <summary><c>_ = Task.Run(...);</c> becomes <c>await Task.Run(...);</c> in a method that is asynchronous already.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AwaitFix)), Shared]
internal sealed class AwaitFix() : RuleFix("Await the work", Rules.BackgroundWork)
{
    protected override SyntaxNode? Fix(SyntaxNode root, SemanticModel model, Diagnostic diagnostic)
    {
        if (diagnostic.AdditionalLocations.Count == 0
            || root.FindNode(diagnostic.AdditionalLocations[0].SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call
            || !IsTask(model.GetTypeInfo(call).Type)
            || call.FirstAncestorOrSelf<ExpressionStatementSyntax>() is not { } statement
            || !(statement.Expression == call || statement.Expression is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.Text: "_" } } discard && discard.Right == call)
            || !IsAsync(statement))
        {
            return null;
        }

        ExpressionStatementSyntax awaited = statement.WithExpression(
            SyntaxFactory.AwaitExpression(call.WithoutLeadingTrivia()).WithLeadingTrivia(statement.Expression.GetLeadingTrivia()));
        return root.ReplaceNode(statement, awaited.WithAdditionalAnnotations(Formatter.Annotation));
    }

    private static bool IsAsync(SyntaxNode statement)
    {
        foreach (SyntaxNode ancestor in statement.Ancestors())
        {
            switch (ancestor)
            {
                case AnonymousFunctionExpressionSyntax lambda:
                    return lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax function:
                    return function.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case BaseMethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case GlobalStatementSyntax:
                    return true;
            }
        }

        return false;
    }
}
