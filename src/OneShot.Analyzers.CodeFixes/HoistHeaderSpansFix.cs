using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace OneShot.Analyzers.CodeFixes;

/// <summary>Reads <c>context.HeaderSpans</c> into a local before the loop, and puts that in place of every read in the loop.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(HoistHeaderSpansFix)), Shared]
internal sealed class HoistHeaderSpansFix() : RuleFix("Read it before the loop", Rules.HeaderSpansInLoop)
{
    protected override SyntaxNode? Fix(SyntaxNode root, SemanticModel model, Diagnostic diagnostic)
    {
        if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not ExpressionSyntax read
            || read.Ancestors().FirstOrDefault(static node => node is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax) is not StatementSyntax loop
            || loop.Parent is not BlockSyntax)
        {
            return null;
        }

        string name = FreeName(model, loop.SpanStart);
        string text = read.ToString();
        StatementSyntax declaration = SyntaxFactory.ParseStatement($"var {name} = {text};\n")
            .WithLeadingTrivia(loop.GetLeadingTrivia())
            .WithAdditionalAnnotations(Formatter.Annotation);
        IEnumerable<ExpressionSyntax> reads = loop.DescendantNodes().OfType<ExpressionSyntax>().Where(node => node.ToString() == text);
        StatementSyntax changed = loop
            .ReplaceNodes(reads, (node, _) => SyntaxFactory.IdentifierName(name).WithTriviaFrom(node))
            .WithLeadingTrivia(IndentationOf(loop));
        return root.ReplaceNode(loop, [declaration, changed]);
    }

    private static string FreeName(SemanticModel model, int position)
    {
        string name = "headers";
        for (int i = 2; !model.LookupSymbols(position, name: name).IsEmpty; i++)
        {
            name = $"headers{i}";
        }

        return name;
    }

    private static SyntaxTriviaList IndentationOf(SyntaxNode node)
    {
        SyntaxTriviaList leading = node.GetLeadingTrivia();
        return leading.Count > 0 && leading[leading.Count - 1].IsKind(SyntaxKind.WhitespaceTrivia) ? SyntaxFactory.TriviaList(leading[leading.Count - 1]) : SyntaxFactory.TriviaList();
    }
}
