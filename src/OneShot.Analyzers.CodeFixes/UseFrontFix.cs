using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OneShot.Analyzers.CodeFixes;

/// <summary>Adds <c>builder.WebHost.UseOneShotHttp1();</c> behind <c>builder.Services.AddOneShotArena();</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UseFrontFix)), Shared]
internal sealed class UseFrontFix() : RuleFix("Use the front", Rules.FrontMissing)
{
    protected override SyntaxNode? Fix(SyntaxNode root, SemanticModel model, Diagnostic diagnostic)
    {
        if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax added } call
            || added.Expression is not MemberAccessExpressionSyntax { Name.Identifier.Text: "Services", Expression: { } builder }
            || model.GetTypeInfo(builder).Type is not { Name: "WebApplicationBuilder" }
            || call.Parent is not ExpressionStatementSyntax statement)
        {
            return null;
        }

        StatementSyntax front = SyntaxFactory.ParseStatement($"{builder}.WebHost.UseOneShotHttp1();")
            .WithLeadingTrivia(statement.GetLeadingTrivia().Where(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)))
            .WithTrailingTrivia(statement.GetTrailingTrivia().Where(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)));
        return statement.Parent is GlobalStatementSyntax global
            ? root.InsertNodesAfter(global, [SyntaxFactory.GlobalStatement(front)])
            : root.InsertNodesAfter(statement, [front]);
    }
}
