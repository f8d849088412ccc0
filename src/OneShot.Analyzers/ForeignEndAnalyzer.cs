using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using OneShot.Analyzers.Values;

namespace OneShot.Analyzers;

/// <summary>OS0006: <c>Dispose</c> or <c>Reset</c> of an arena that somebody else made and ends.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ForeignEndAnalyzer() : RequestAnalyzer(Rules.NotYoursToEnd)
{
    private static readonly HashSet<string> s_services =
        ["GetService", "GetRequiredService", "GetKeyedService", "GetRequiredKeyedService", "GetServiceOrCreateInstance"];

    protected override void Start(CompilationStartAnalysisContext start, KnownTypes types) =>
        start.RegisterOperationBlockAction(block => new Search(block, types).Run());

    private sealed class Search(OperationBlockAnalysisContext context, KnownTypes types)
    {
        public void Run()
        {
            foreach (IOperation block in context.OperationBlocks)
            {
                RequestValues? values = null;
                foreach (IOperation operation in block.Descendants())
                {
                    switch (operation)
                    {
                        case IInvocationOperation { TargetMethod.Name: "Dispose" or "Reset", Arguments.IsEmpty: true, Instance: { } instance } call when IsArena(instance.Type):
                            Check(call, instance, values ??= new RequestValues(types, block));
                            break;
                        case IUsingOperation { Resources: { } resource } when resource is not IVariableDeclarationGroupOperation && IsArena(Operations.Unwrap(resource)?.Type):
                            Check(resource, resource, values ??= new RequestValues(types, block));
                            break;
                        case IVariableDeclaratorOperation declarator when IsArena(declarator.Symbol.Type) && IsUsing(declarator) && declarator.GetVariableInitializer() is { } initializer:
                            Check(initializer.Value, initializer.Value, values ??= new RequestValues(types, block));
                            break;
                    }
                }
            }
        }

        private static bool IsUsing(IVariableDeclaratorOperation declarator) =>
            declarator.Parent?.Parent?.Parent is IUsingDeclarationOperation || declarator.Parent?.Parent is IVariableDeclarationGroupOperation { Parent: IUsingOperation };

        private bool IsArena(ITypeSymbol? type) =>
            KnownTypes.Is(type, types.Arena) || KnownTypes.Is(type, types.ProcessArena) || KnownTypes.Is(type, types.ThreadArena);

        private void Check(IOperation end, IOperation arena, RequestValues values)
        {
            bool resets = end is IInvocationOperation { TargetMethod.Name: "Reset" };
            if (OwnerOf(arena, values, resets) is { } owner)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.NotYoursToEnd, end.Syntax.GetLocation(), Operations.TextOf(Operations.Unwrap(arena)!), owner));
            }
            else if (IsInResetCallback(end))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Rules.NotYoursToEnd, end.Syntax.GetLocation(), Operations.TextOf(Operations.Unwrap(arena)!), "the request whose end runs this callback"));
            }
        }

        /// <returns>Null where the arena may be the code's own.</returns>
        private string? OwnerOf(IOperation? arena, RequestValues values, bool resets)
        {
            IOperation? operation = Operations.Unwrap(arena);
            switch (operation)
            {
                // A thread may reset its own arena; that one is not gone by it.
                case IPropertyReferenceOperation { Property: { Name: "Current" } property } when !resets && KnownTypes.Is(property.ContainingType, types.ThreadArena):
                    return "the thread arena";
                case IPropertyReferenceOperation { Property: { Name: "Process" } property } when KnownTypes.Is(property.ContainingType, types.Arena):
                    return "the code that made the process arena";
                case IInvocationOperation { TargetMethod: { } method } when s_services.Contains(method.Name):
                    return "the service provider";
                case ILocalReferenceOperation local:
                    return values.ValuesOf(local.Local).Select(value => OwnerOf(value, values, resets)).FirstOrDefault(static owner => owner is not null);
                case IConditionalAccessInstanceOperation:
                    return OwnerOf(Operations.ReceiverOf(operation), values, resets);
                case ICoalesceOperation coalesce:
                    return OwnerOf(coalesce.Value, values, resets);
                case IParameterReferenceOperation parameter when IsInjected(parameter):
                    return "the service provider";
                case IFieldReferenceOperation { Instance: IInstanceReferenceOperation, Field: { } field } when IsMadeByServices(context.OwningSymbol.ContainingType) && IsGiven(field):
                    return "the service provider";
                default:
                    return null;
            }
        }

        /// <summary>What an endpoint, an action or a constructor that the services call is given by them.</summary>
        private bool IsInjected(IParameterReferenceOperation reference)
        {
            IParameterSymbol parameter = reference.Parameter;
            return parameter.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name is "FromServicesAttribute" or "FromKeyedServicesAttribute")
                || (Operations.FunctionOf(reference) is { } function && SymbolEqualityComparer.Default.Equals(Operations.SymbolOf(function), parameter.ContainingSymbol) && Handlers.IsEndpoint(function))
                || (parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } && IsMadeByServices(parameter.ContainingSymbol.ContainingType))
                || (parameter.ContainingSymbol is IMethodSymbol { Name: "Invoke" or "InvokeAsync" } && IsMadeByServices(parameter.ContainingSymbol.ContainingType));
        }

        private bool IsMadeByServices(INamedTypeSymbol? type) =>
            KnownTypes.Inherits(type, types.Controller) || KnownTypes.Inherits(type, types.Hub) || ProcessLife.Has(type, types)
            || (type is not null && type.AllInterfaces.Any(implemented => KnownTypes.Is(implemented, types.Middleware)));

        /// <summary>Whether a field is only ever given what a constructor is given: it has no initializer, and cannot be written elsewhere.</summary>
        private static bool IsGiven(IFieldSymbol field) =>
            field.IsReadOnly && field.ContainingType.InstanceConstructors.Any(constructor => constructor.Parameters.Any(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, field.Type)));

        private bool IsInResetCallback(IOperation end)
        {
            for (IOperation? function = Operations.FunctionOf(end); function is not null; function = Operations.FunctionOf(function))
            {
                IOperation? parent = Operations.ParentOf(function);
                parent = parent is IDelegateCreationOperation creation ? Operations.ParentOf(creation) : parent;
                if (parent is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "OnReset" } method } }
                    && (KnownTypes.Is(method.ContainingType, types.Arena) || KnownTypes.Is(method.ContainingType, types.RequestArena)))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
