using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>
/// Follows the Content-Length that a client announces through one body: through casts, arithmetic, locals and parsing. What any
/// method, but a parser, makes of it is taken for something else, and any comparison with something larger than 1 for a bound.
/// </summary>
internal sealed class AnnouncedSizes(IOperation root, RequestValues values)
{
    private static readonly HashSet<string> s_kept = ["GetValueOrDefault", "Parse", "ToInt32", "ToInt64", "ToString", "Max", "ToUInt32"];

    private Dictionary<ILocalSymbol, IOperation>? _parsed;

    /// <summary>Where in a size the announced length comes from; null where it does not, or is bounded on the way.</summary>
    public IOperation? FindSource(IOperation? size) => FindSource(size, new HashSet<ISymbol>(SymbolEqualityComparer.Default));

    /// <summary>Whether the code that leads to an allocation compares the announced length, or a local that has it, with a bound.</summary>
    public bool IsBounded(IOperation allocation)
    {
        int end = allocation.Syntax.SpanStart;
        return root.DescendantsAndSelf().Any(operation => operation.Syntax.SpanStart < end && IsBound(operation));
    }

    private static bool IsAnnounced(IOperation operation) => operation switch
    {
        IPropertyReferenceOperation { Property: { Name: "ContentLength" } property } reference =>
            property.ContainingType?.Name is "HttpRequest" or "RequestHeaders"
            || (property.ContainingType?.Name == "IHeaderDictionary" && IsOfHttpRequest(reference.Instance)),
        IPropertyReferenceOperation { Property.IsIndexer: true, Arguments.Length: 1 } indexer => NamesContentLength(indexer.Arguments[0].Value),
        IInvocationOperation { TargetMethod.Name: "GetValues" or "TryGetValue" } call => call.Arguments.Any(static argument => NamesContentLength(argument.Value)),
        _ => false,
    };

    private static bool IsOfHttpRequest(IOperation? headers) =>
        Operations.Unwrap(headers) is IPropertyReferenceOperation { Property: { Name: "Headers", ContainingType.Name: "HttpRequest" } };

    private static bool NamesContentLength(IOperation? name) => Operations.Unwrap(name) switch
    {
        IUtf8StringOperation text => IsContentLength(text.Value),
        { ConstantValue: { HasValue: true, Value: string text } } => IsContentLength(text),
        IFieldReferenceOperation { Field: { Name: "ContentLength", ContainingType.Name: "HeaderNames" } } => true,
        _ => false,
    };

    private static bool IsContentLength(string text) => text.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);

    private IOperation? FindSource(IOperation? size, HashSet<ISymbol> visited)
    {
        IOperation? operation = Operations.Unwrap(size);
        switch (operation)
        {
            case null:
                return null;
            case IPropertyReferenceOperation or IInvocationOperation when IsAnnounced(operation):
                return operation;
            case IPropertyReferenceOperation { Property.Name: "Value" } nullable:
                return FindSource(nullable.Instance, visited);
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract or BinaryOperatorKind.Multiply or BinaryOperatorKind.Divide } sum:
                return FindSource(sum.LeftOperand, visited) ?? FindSource(sum.RightOperand, visited);
            case ICoalesceOperation coalesce:
                return FindSource(coalesce.Value, visited) ?? FindSource(coalesce.WhenNull, visited);
            case IConditionalOperation choice:
                return FindSource(choice.WhenTrue, visited) ?? FindSource(choice.WhenFalse, visited);
            case IInvocationOperation call when s_kept.Contains(call.TargetMethod.Name):
                return FindSource(call.Instance, visited) ?? call.Arguments.Select(argument => FindSource(argument.Value, visited)).FirstOrDefault(static source => source is not null);
            case ILocalReferenceOperation local when visited.Add(local.Local):
                return values.ValuesOf(local.Local).Select(value => FindSource(value, visited)).FirstOrDefault(static source => source is not null) ?? FindParsed(local.Local, visited);
            default:
                return null;
        }
    }

    /// <summary>A local that a parser, or a pattern, puts the length into: <c>TryParse(text, out long length)</c>, <c>ContentLength is { } length</c>.</summary>
    private IOperation? FindParsed(ILocalSymbol local, HashSet<ISymbol> visited)
    {
        _parsed ??= FindParsers();
        if (!_parsed.TryGetValue(local, out IOperation? origin))
        {
            return null;
        }

        if (origin is not IInvocationOperation parser)
        {
            return FindSource(origin, visited);
        }

        return IsAnnounced(parser) ? parser : parser.Arguments.Select(argument => FindSource(argument.Value, visited)).FirstOrDefault(static source => source is not null);
    }

    /// <summary>The parser's call, or the value that is matched, for each local that such a one declares.</summary>
    private Dictionary<ILocalSymbol, IOperation> FindParsers()
    {
        Dictionary<ILocalSymbol, IOperation> parsers = new(SymbolEqualityComparer.Default);
        foreach (IOperation operation in root.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IInvocationOperation { TargetMethod.Name: "TryParse" or "TryGetValue" } call:
                    foreach (IArgumentOperation argument in call.Arguments)
                    {
                        if (argument.Parameter?.RefKind == RefKind.Out && Operations.VariableOf(argument.Value) is ILocalSymbol given)
                        {
                            parsers[given] = call;
                        }
                    }

                    break;
                case IIsPatternOperation match:
                    foreach (IOperation pattern in match.Pattern.DescendantsAndSelf())
                    {
                        ISymbol? declared = pattern switch
                        {
                            IDeclarationPatternOperation declaration => declaration.DeclaredSymbol,
                            IRecursivePatternOperation recursive => recursive.DeclaredSymbol,
                            _ => null,
                        };
                        if (declared is ILocalSymbol symbol)
                        {
                            parsers[symbol] = match.Value;
                        }
                    }

                    break;
            }
        }

        return parsers;
    }

    private bool IsBound(IOperation operation) => operation switch
    {
        IBinaryOperation { OperatorKind: BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual } comparison =>
            (FindSource(comparison.LeftOperand) is not null && IsLimit(comparison.RightOperand))
            || (FindSource(comparison.RightOperand) is not null && IsLimit(comparison.LeftOperand)),
        IIsPatternOperation match => FindSource(match.Value) is not null && LimitsOf(match.Pattern),
        ISwitchExpressionOperation choice => FindSource(choice.Value) is not null && choice.Arms.Any(arm => LimitsOf(arm.Pattern)),
        ISwitchOperation choice => FindSource(choice.Value) is not null
            && choice.Cases.SelectMany(static part => part.Clauses).Any(static clause => clause is IPatternCaseClauseOperation { Pattern: { } pattern } && LimitsOf(pattern)),
        IInvocationOperation { TargetMethod: { } method } call when IsCheck(method) => call.Arguments.Any(argument => FindSource(argument.Value) is not null),
        _ => false,
    };

    private static bool LimitsOf(IPatternOperation pattern) => pattern.DescendantsAndSelf().Any(static part => part is IRelationalPatternOperation relation && IsLimit(relation.Value));

    /// <summary>A comparison with 0 or 1 asks whether there is a body.</summary>
    private static bool IsLimit(IOperation operand) =>
        Operations.Unwrap(operand) is not { ConstantValue: { HasValue: true, Value: { } value } } || value is not (0 or 0L or 1 or 1L or -1 or -1L);

    /// <summary><c>ThrowIfGreaterThan</c>, or a check of the application's own.</summary>
    private static bool IsCheck(IMethodSymbol method) =>
        method.Name.StartsWith("ThrowIfGreaterThan", StringComparison.Ordinal)
        || (!method.DeclaringSyntaxReferences.IsEmpty && (method.ReturnsVoid || method.ReturnType.SpecialType == SpecialType.System_Boolean));
}
