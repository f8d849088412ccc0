using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OneShot.Analyzers.CodeFixes;

/// <summary><c>s_last = memory</c> becomes <c>s_last = memory.ToArray()</c>: an array is a <c>Memory&lt;byte&gt;</c> too.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(KeepCopyFix)), Shared]
internal sealed class KeepCopyFix() : RuleFix("Keep a copy", Rules.KeptBeyondRequest, Rules.KeptBySingleton)
{
    protected override SyntaxNode? Fix(SyntaxNode root, SemanticModel model, Diagnostic diagnostic)
    {
        if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not ExpressionSyntax value
            || model.GetTypeInfo(value).Type is not { Name: "Memory" or "ReadOnlyMemory", ContainingNamespace.Name: "System" }
            || value is not (IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax)
            || !TakesArray(value, model))
        {
            return null;
        }

        InvocationExpressionSyntax copy = SyntaxFactory.InvocationExpression(SyntaxFactory.MemberAccessExpression(
            SyntaxKind.SimpleMemberAccessExpression, value.WithoutTrivia(), SyntaxFactory.IdentifierName("ToArray")));
        return root.ReplaceNode(value, copy.WithTriviaFrom(value));
    }

    /// <summary>The parameter of a generic method would become an array by inference.</summary>
    private static bool TakesArray(ExpressionSyntax value, SemanticModel model) => value.Parent switch
    {
        AssignmentExpressionSyntax assignment => assignment.Right == value,
        ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } => model.GetSymbolInfo(call).Symbol is IMethodSymbol { IsGenericMethod: false },
        _ => false,
    };
}
