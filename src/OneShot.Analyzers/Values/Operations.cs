using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>Ways through a tree of operations. All of them take what incomplete code leaves: operations without types, calls without arguments.</summary>
internal static class Operations
{
    private const int LongestText = 48;

    /// <summary>What is behind conversions, parentheses and a null check.</summary>
    public static IOperation? Unwrap(IOperation? operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    break;
                case IParenthesizedOperation parentheses:
                    operation = parentheses.Operand;
                    break;
                default:
                    return operation;
            }
        }
    }

    /// <summary>The parent that is neither a conversion nor parentheses.</summary>
    public static IOperation? ParentOf(IOperation operation)
    {
        IOperation? parent = operation.Parent;
        while (parent is IConversionOperation or IParenthesizedOperation)
        {
            parent = parent.Parent;
        }

        return parent;
    }

    /// <summary>What a member is asked of: <c>a</c> of <c>a.B</c>, of <c>a.B()</c>, of an extension's <c>a.B()</c>, of <c>a[0]</c>.</summary>
    public static IOperation? ReceiverOf(IOperation? operation) => Unwrap(operation) switch
    {
        IInvocationOperation { Instance: { } instance } => instance,
        IInvocationOperation { TargetMethod.IsExtensionMethod: true, Arguments.Length: > 0 } call => call.Arguments[0].Value,
        // A member of an extension block, where its receiver is not the instance.
        IInvocationOperation { TargetMethod.ContainingType.IsExtension: true, Arguments.Length: > 0 } call => call.Arguments[0].Value,
        IMemberReferenceOperation { Instance: { } instance } => instance,
        IArrayElementReferenceOperation element => element.ArrayReference,
        IImplicitIndexerReferenceOperation indexer => indexer.Instance,
        IInlineArrayAccessOperation element => element.Instance,
        IConditionalAccessOperation access => access.Operation,
        IConditionalAccessInstanceOperation instance => AccessOf(instance)?.Operation,
        _ => null,
    };

    /// <summary>The first receiver of a chain: <c>a</c> of <c>a.B.C()</c>; the operation itself where it has none.</summary>
    public static IOperation? OriginOf(IOperation? operation)
    {
        IOperation? current = Unwrap(operation);
        while (ReceiverOf(current) is { } receiver)
        {
            current = Unwrap(receiver);
        }

        return current;
    }

    /// <summary>The local or parameter that an operation names.</summary>
    public static ISymbol? VariableOf(IOperation? operation) => Unwrap(operation) switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IDeclarationExpressionOperation { Expression: ILocalReferenceOperation local } => local.Local,
        _ => null,
    };

    /// <summary>Whether a local or parameter is declared within a lambda or local function, or within one that stands in it.</summary>
    public static bool IsDeclaredIn(ISymbol variable, ISymbol function)
    {
        for (ISymbol? container = variable.ContainingSymbol; container is not null; container = container.ContainingSymbol)
        {
            if (SymbolEqualityComparer.Default.Equals(container, function))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The lambda or local function that an operation stands in; null for the member itself.</summary>
    public static IOperation? FunctionOf(IOperation operation)
    {
        IOperation? parent = operation.Parent;
        while (parent is not (null or IAnonymousFunctionOperation or ILocalFunctionOperation))
        {
            parent = parent.Parent;
        }

        return parent;
    }

    public static IMethodSymbol? SymbolOf(IOperation? function) => function switch
    {
        IAnonymousFunctionOperation lambda => lambda.Symbol,
        ILocalFunctionOperation local => local.Symbol,
        _ => null,
    };

    public static bool IsIn(IOperation operation, IOperation? ancestor)
    {
        for (IOperation? current = operation; current is not null; current = current.Parent)
        {
            if (ReferenceEquals(current, ancestor))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The loop that an operation stands in, within its function, and is run again by.</summary>
    public static ILoopOperation? LoopOf(IOperation operation)
    {
        IOperation child = operation;
        for (IOperation? parent = operation.Parent; parent is not (null or IAnonymousFunctionOperation or ILocalFunctionOperation); parent = parent.Parent)
        {
            if (parent is ILoopOperation loop && IsRunAgain(loop, child))
            {
                return loop;
            }

            child = parent;
        }

        return null;
    }

    /// <summary>The source text, if it is short and stands by itself; else the name of its type.</summary>
    public static string TextOf(IOperation operation)
    {
        string text = operation.Syntax.ToString();
        return text.Length is > 0 and <= LongestText && text[0] != '.' && text.IndexOf('\n') < 0 ? text : operation.Type?.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat) ?? "This";
    }

    private static bool IsRunAgain(ILoopOperation loop, IOperation child) => loop switch
    {
        IForEachLoopOperation each => !ReferenceEquals(child, each.Collection),
        IForLoopOperation counted => !counted.Before.Contains(child),
        _ => true,
    };

    private static IConditionalAccessOperation? AccessOf(IOperation instance)
    {
        for (IOperation? parent = instance.Parent; parent is not null; parent = parent.Parent)
        {
            if (parent is IConditionalAccessOperation access && IsIn(instance, access.WhenNotNull))
            {
                return access;
            }
        }

        return null;
    }
}
