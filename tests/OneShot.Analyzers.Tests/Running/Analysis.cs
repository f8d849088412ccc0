using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace OneShot.Analyzers.Tests.Running;

/// <summary>Compiles a snippet against ASP.NET Core and the built packages, and runs all analyzers over it.</summary>
internal static class Analysis
{
    private const string GlobalUsings = """
        global using System;
        global using System.Buffers;
        global using System.Collections.Concurrent;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Text;
        global using System.Threading;
        global using System.Threading.Channels;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Mvc;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.AspNetCore.SignalR;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using OneShot;
        global using OneShot.AspNetCore.Headers;
        global using OneShot.AspNetCore.Requests;
        """;

    /// <summary>What the tests themselves run on: the shared framework, and the packages as they were built.</summary>
    public static ImmutableArray<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(static path => IsOfApplication(Path.GetFileName(path)))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14);

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
    [
        .. typeof(Rules).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .OrderBy(static type => type.Name, StringComparer.Ordinal)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    private static SyntaxTree Usings { get; } = CSharpSyntaxTree.ParseText(GlobalUsings, ParseOptions, "Usings.cs");

    /// <summary>A program where the source has statements or an entry point; a library otherwise.</summary>
    public static CSharpCompilation Compile(string source)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(source, ParseOptions, "Snippet.cs");
        bool runs = tree.GetRoot().DescendantNodes().Any(static node => node is GlobalStatementSyntax or MethodDeclarationSyntax { Identifier.Text: "Main" });
        return CSharpCompilation.Create("Snippet", [Usings, tree], References, Options(runs ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary));
    }

    public static CSharpCompilationOptions Options(OutputKind kind) => new(kind, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);

    /// <summary>The usings of every snippet, as the text of a file.</summary>
    public static string Usages => GlobalUsings;

    /// <summary>What the analyzers tell. An analyzer that throws fails the test.</summary>
    public static async Task<ImmutableArray<Diagnostic>> RunAsync(Compilation compilation)
    {
        List<string> faults = [];
        CompilationWithAnalyzersOptions options = new(
            new AnalyzerOptions([]),
            (exception, analyzer, _) =>
            {
                lock (faults)
                {
                    faults.Add($"{analyzer}: {exception}");
                }
            },
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false);
        ImmutableArray<Diagnostic> told = await new CompilationWithAnalyzers(compilation, Analyzers, options)
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.Empty(faults);
        return told;
    }

    public static IEnumerable<(int Line, string Rule)> Places(IEnumerable<Diagnostic> diagnostics) => diagnostics
        .Select(static diagnostic => (Position(diagnostic).Line, diagnostic.Id))
        .Order();

    private static LinePosition Position(Diagnostic diagnostic) => diagnostic.Location.GetLineSpan().StartLinePosition;

    private static bool IsOfApplication(string file) =>
        file is "mscorlib.dll" or "netstandard.dll" or "OneShot.dll" or "OneShot.AspNetCore.dll"
        || file.StartsWith("System.", StringComparison.Ordinal)
        || file.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
        || file.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        || file.StartsWith("Microsoft.Net.Http.", StringComparison.Ordinal);
}
