using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0005: an allocation as large as the Content-Length that a client announces, and that nothing bounds.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class AnnouncedSizeAnalyzer() : RequestAnalyzer(Rules.AnnouncedSize)
{
    private static readonly HashSet<string> s_allocations =
    [
        "Allocate", "TryAllocate", "AllocateAligned", "AllocateMemory", "AllocateUninitialized", "AllocateUnsafe", "CreateWriter", "CreateList",
        "TryReserve", "EnsureCapacity", "GetMemory", "GetSpan",
    ];

    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types) =>
        start.RegisterOperationBlockAction(block => Run(block, types));

    private static void Run(OperationBlockAnalysisContext context, KnownTypes types)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            AnnouncedSizes? sizes = null;
            foreach (IOperation operation in block.Descendants())
            {
                if (SizeOf(operation, types) is not { } size)
                {
                    continue;
                }

                sizes ??= new AnnouncedSizes(block, new RequestValues(types, block));
                if (sizes.FindSource(size) is { } source && !sizes.IsBounded(operation))
                {
                    context.ReportDiagnostic(Diagnostic.Create(Rules.AnnouncedSize, size.Syntax.GetLocation(), Operations.TextOf(source)));
                }
            }
        }
    }

    /// <summary>The size, or number of elements, that an allocation is asked for.</summary>
    private static IOperation? SizeOf(IOperation operation, KnownTypes types)
    {
        ImmutableArray<IArgumentOperation> arguments;
        switch (operation)
        {
            case IInvocationOperation { TargetMethod: { } method } call when s_allocations.Contains(method.Name) && Allocates(method.ContainingType, types):
                arguments = call.Arguments;
                break;
            case IObjectCreationOperation creation when KnownTypes.Is(creation.Type, types.Writer):
                arguments = creation.Arguments;
                break;
            default:
                return null;
        }

        return arguments.FirstOrDefault(static argument => argument.Parameter?.Type.SpecialType == SpecialType.System_Int32 && argument.ArgumentKind == ArgumentKind.Explicit)?.Value;
    }

    private static bool Allocates(INamedTypeSymbol? type, KnownTypes types) =>
        KnownTypes.Is(type, types.RequestArena) || KnownTypes.Is(type, types.Arena) || KnownTypes.Is(type, types.ProcessArena)
        || KnownTypes.Is(type, types.ThreadArena) || KnownTypes.Is(type, types.Writer) || KnownTypes.Is(type, types.List);
}
