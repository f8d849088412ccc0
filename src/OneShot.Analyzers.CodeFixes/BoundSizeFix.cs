using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OneShot.Analyzers.CodeFixes;

/// <summary>
/// Bounds the first capacity of a writer or a list, which grow with what arrives. A buffer of a fixed size has no such fix: what to do
/// with a longer body is the application's to say.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(BoundSizeFix)), Shared]
internal sealed class BoundSizeFix() : RuleFix("Begin with 64 KiB at most", Rules.AnnouncedSize)
{
    protected override SyntaxNode? Fix(SyntaxNode root, SemanticModel model, Diagnostic diagnostic)
    {
        if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not ExpressionSyntax size
            || size.FirstAncestorOrSelf<ArgumentSyntax>() is not { Parent.Parent: ExpressionSyntax call }
            || model.GetSymbolInfo(call).Symbol is not IMethodSymbol { ContainingType: { } type } method
            || !(method.Name is "CreateWriter" or "CreateList" || type.Name == "ArenaBufferWriter" && method.MethodKind == MethodKind.Constructor))
        {
            return null;
        }

        ExpressionSyntax length = Plain(size is CastExpressionSyntax cast ? cast.Expression : size);
        ITypeSymbol? lengthType = model.GetTypeInfo(length).Type;
        string text = lengthType is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } ? $"{length} ?? 0" : length.ToString();
        string bounded = lengthType?.SpecialType == SpecialType.System_Int32 ? $"Math.Min({text}, 64 * 1024)" : $"(int)Math.Min({text}, 64 * 1024)";
        return root.ReplaceNode(size, SyntaxFactory.ParseExpression(bounded).WithTriviaFrom(size));
    }

    private static ExpressionSyntax Plain(ExpressionSyntax expression) => expression switch
    {
        ParenthesizedExpressionSyntax parentheses => Plain(parentheses.Expression),
        PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } suppressed => Plain(suppressed.Operand),
        _ => expression,
    };
}
