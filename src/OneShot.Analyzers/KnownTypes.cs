using Microsoft.CodeAnalysis;

namespace OneShot.Analyzers;

/// <summary>The types that the rules speak of, of one compilation.</summary>
internal sealed class KnownTypes
{
    private readonly HashSet<ISymbol> _handles = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _owners = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _carriers = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _unserializable = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _tasks = new(SymbolEqualityComparer.Default);

    private KnownTypes(Compilation compilation, INamedTypeSymbol requestArena)
    {
        INamedTypeSymbol? Find(string name) => compilation.GetTypeByMetadataName(name);

        RequestArena = requestArena;
        Arena = Find("OneShot.Arena");
        ProcessArena = Find("OneShot.ProcessArena");
        ThreadArena = Find("OneShot.ThreadArena");
        Writer = Find("OneShot.ArenaBufferWriter");
        List = Find("OneShot.ArenaList`1");
        Feature = Find("OneShot.AspNetCore.Requests.IRequestArenaFeature");
        HeaderSpans = Find("OneShot.AspNetCore.Headers.HeaderSpans");
        ContextExtensions = Find("Microsoft.AspNetCore.Http.OneShotHttpContextExtensions");
        HttpContext = Find("Microsoft.AspNetCore.Http.HttpContext");
        RequestDelegate = Find("Microsoft.AspNetCore.Http.RequestDelegate");
        Middleware = Find("Microsoft.AspNetCore.Http.IMiddleware");
        Controller = Find("Microsoft.AspNetCore.Mvc.ControllerBase");
        Hub = Find("Microsoft.AspNetCore.SignalR.Hub");

        INamedTypeSymbol? slice = Find("OneShot.UnsafeSlice`1");
        INamedTypeSymbol? mark = Find("OneShot.ArenaMark");
        Add(_handles, requestArena, Feature, HeaderSpans);
        Add(_owners, requestArena, Feature, Writer, List);
        Add(_carriers, Writer, List, slice, mark, Find("System.Memory`1"), Find("System.ReadOnlyMemory`1"), Find("System.Span`1"), Find("System.ReadOnlySpan`1"));
        Add(_unserializable, requestArena, Feature, Writer, List, slice, mark);
        Add(_tasks, Find("System.Threading.Tasks.Task"), Find("System.Threading.Tasks.Task`1"), Find("System.Threading.Tasks.ValueTask"), Find("System.Threading.Tasks.ValueTask`1"));
    }

    public INamedTypeSymbol RequestArena { get; }

    public INamedTypeSymbol? Arena { get; }

    public INamedTypeSymbol? ProcessArena { get; }

    public INamedTypeSymbol? ThreadArena { get; }

    public INamedTypeSymbol? Writer { get; }

    public INamedTypeSymbol? List { get; }

    public INamedTypeSymbol? Feature { get; }

    public INamedTypeSymbol? HeaderSpans { get; }

    public INamedTypeSymbol? ContextExtensions { get; }

    public INamedTypeSymbol? HttpContext { get; }

    public INamedTypeSymbol? RequestDelegate { get; }

    public INamedTypeSymbol? Middleware { get; }

    public INamedTypeSymbol? Controller { get; }

    public INamedTypeSymbol? Hub { get; }

    /// <returns>Null where the compilation does not know the allocator: there is nothing to look for.</returns>
    public static KnownTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("OneShot.RequestArena") is { } requestArena ? new KnownTypes(compilation, requestArena) : null;

    /// <summary>Whether every value of this type is a request's.</summary>
    public bool IsHandle(ITypeSymbol? type) => Contains(_handles, type);

    /// <summary>Whether its members allocate, which one task at a time may do.</summary>
    public bool IsOwner(ITypeSymbol? type) => Contains(_owners, type);

    /// <summary>Whether a value of this type may lie over an arena's memory, a request's or another's.</summary>
    public bool IsCarrier(ITypeSymbol? type) => Contains(_carriers, type);

    public bool IsUnserializable(ITypeSymbol? type) => Contains(_unserializable, type);

    public bool IsTask(ITypeSymbol? type) => Contains(_tasks, type);

    /// <summary>The call that gives the request's arena back: the feature's, or the context's, which C# 14 shows within an extension block.</summary>
    public bool IsReleaseArena(IMethodSymbol? method) => method is { Name: "ReleaseArena" } && (Is(method.ContainingType, Feature) || IsContextExtension(method));

    public bool IsContextExtension(ISymbol member) =>
        Is(member.ContainingType, ContextExtensions) || Is(member.ContainingType?.ContainingType, ContextExtensions);

    public static bool Is(ITypeSymbol? type, INamedTypeSymbol? known) =>
        type is not null && known is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, known);

    public static bool Inherits(ITypeSymbol? type, INamedTypeSymbol? known)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (Is(current, known))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(HashSet<ISymbol> set, ITypeSymbol? type) => Plain(type) is { } plain && set.Contains(plain);

    private static INamedTypeSymbol? Plain(ITypeSymbol? type) => type switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments.Length: 1 } nullable => nullable.TypeArguments[0].OriginalDefinition as INamedTypeSymbol,
        _ => type?.OriginalDefinition as INamedTypeSymbol,
    };

    private static void Add(HashSet<ISymbol> set, params INamedTypeSymbol?[] types)
    {
        foreach (INamedTypeSymbol? type in types)
        {
            if (type is not null)
            {
                set.Add(type);
            }
        }
    }
}
