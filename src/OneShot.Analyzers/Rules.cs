using Microsoft.CodeAnalysis;

namespace OneShot.Analyzers;

/// <summary>Every rule, once. Each has a section in docs/analyzers/README.md and a line in AnalyzerReleases.Unshipped.md.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor KeptBeyondRequest = new(
        "OS0001",
        "A request's memory is kept beyond it",
        "'{0}' ends with its request, and {1} outlives it: keep a copy ('ToArray()', a string), or use it within the request",
        "Lifetime",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0001");

    public static readonly DiagnosticDescriptor KeptBySingleton = new(
        "OS0002",
        "A singleton keeps a request's memory",
        "'{0}' ends with its request, and '{1}' is registered as a singleton: keep a copy, or register the type as scoped",
        "Lifetime",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0002", customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor BackgroundWork = new(
        "OS0003",
        "Work that goes on after the request has its memory",
        "'{0}' ends with its request, and this work may run after it: await the work, or give it a copy",
        "Lifetime",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0003");

    public static readonly DiagnosticDescriptor SharedByTasks = new(
        "OS0004",
        "Several tasks share a request's arena",
        "'{0}' has one owner at a time, and this work runs beside other work of the request: allocate before it starts, and give each task memory of its own",
        "Lifetime",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0004");

    public static readonly DiagnosticDescriptor AnnouncedSize = new(
        "OS0005",
        "The client chooses the size of an allocation",
        "The client announces '{0}' and may never send it: bound the size, refuse what is longer, or let a writer grow with what arrives",
        "Security",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0005");

    public static readonly DiagnosticDescriptor NotYoursToEnd = new(
        "OS0006",
        "Ended by one who does not own it",
        "'{0}' belongs to {1}, which ends it: remove this",
        "Lifetime",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0006");

    public static readonly DiagnosticDescriptor HandleReturned = new(
        "OS0007",
        "A handler returns a handle",
        "'{0}' is a handle over the arena, and no content that can be serialized: return a copy, or write the bytes to the response",
        "Usage",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0007");

    public static readonly DiagnosticDescriptor UsedAfterRelease = new(
        "OS0008",
        "Used after the arena was released",
        "'{0}' was taken before 'ReleaseArena()', which ended it: take it again, or release the arena after its last use",
        "Lifetime",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0008");

    public static readonly DiagnosticDescriptor HeaderSpansInLoop = new(
        "OS0009",
        "Header spans are read again in a loop",
        "'{0}' looks the request's feature up in every round: read it into a local before the loop",
        "Performance",
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0009");

    public static readonly DiagnosticDescriptor FrontMissing = new(
        "OS0010",
        "The front is not used",
        "Nothing in this project calls 'UseOneShotHttp1()', so header spans are made from Kestrel's strings: call 'builder.WebHost.UseOneShotHttp1()', or suppress this where that is meant",
        "Usage",
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        helpLinkUri: Page + "os0010", customTags: WellKnownDiagnosticTags.CompilationEnd);

    // A path from the root of the repository: the project has no home on the web that a link could name.
    private const string Page = "docs/analyzers/README.md#";
}
