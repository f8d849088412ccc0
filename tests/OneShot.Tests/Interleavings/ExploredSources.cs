using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OneShot.Tests.Interleavings;

/// <summary>
/// Compiles the allocator's own sources with <see cref="ScheduledInterlocked"/> and its like in place of the runtime's, and
/// the scenarios beside them. A mutant is a text that is replaced first.
/// </summary>
internal static partial class ExploredSources
{
    private const string Aliases = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using Interlocked = OneShot.Tests.Interleavings.ScheduledInterlocked;
        global using Volatile = OneShot.Tests.Interleavings.ScheduledVolatile;
        global using SpinWait = OneShot.Tests.Interleavings.ScheduledSpinWait;
        global using Lock = OneShot.Tests.Interleavings.ScheduledLock;
        global using Monitor = OneShot.Tests.Interleavings.ScheduledMonitor;
        global using Thread = OneShot.Tests.Interleavings.ScheduledThread;
        """;

    private const string Step = " OneShot.Tests.Interleavings.Explorer.Step(); ";

    private static readonly Assembly s_own = typeof(ExploredSources).Assembly;

    /// <summary>What makes a scenario of that name, over sources with these texts replaced.</summary>
    public static Func<IScenario> Compile(string scenario, params (string Text, string Replacement)[] mutations) => CompileAll("ExploredParts/", scenario, mutations);

    /// <summary>The same over the arena. Its fast path and its lists have no operation that is scheduled: between their reads and writes stands a step.</summary>
    public static Func<IScenario> CompileArena(string scenario, params (string Text, string Replacement)[] mutations) => CompileAll("ExploredArena/", scenario,
    [
        .. mutations,
        ("nint start = _cursor;", Step + "nint start = _cursor;"),
        ("nint end = start + size;", "nint end = start + size;" + Step),
        ("        _cursor = end;\n        return ref *(T*)", Step + "_cursor = end;" + Step + "return ref *(T*)"),
        ("=> _items[Count++] = held;", "{ int count = Count;" + Step + "_items[count] = held; Count = count + 1; }"),
        ("        _base = held.Block.Start;\n        _cursor = cursor;\n", Step + "_base = held.Block.Start;" + Step + "_cursor = cursor;" + Step),
    ]);

    private static Func<IScenario> CompileAll(string prefix, string scenario, (string Text, string Replacement)[] mutations)
    {
        string[] names = [.. s_own.GetManifestResourceNames().Where(name => name.StartsWith("Explored/", StringComparison.Ordinal) || name.StartsWith(prefix, StringComparison.Ordinal))];
        string[] sources = [.. names.Select(Read)];
        foreach ((string text, string replacement) in mutations)
        {
            int index = Array.FindIndex(sources, source => source.Contains(text, StringComparison.Ordinal));
            Assert.True(index >= 0, $"No source has the text to replace: {text}");
            sources[index] = sources[index].Replace(text, replacement, StringComparison.Ordinal);
        }

        var parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview).WithPreprocessorSymbols("DEBUG");
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Explored" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(Aliases, parsing), .. sources.Select((source, index) => CSharpSyntaxTree.ParseText(Locks().Replace(source, "using (OneShot.Tests.Interleavings.ScheduledLock.Hold($1))"), parsing, names[index]))],
            [.. trusted.Split(Path.PathSeparator).Where(path => Path.GetFileName(path) is not "OneShot.dll").Select(path => MetadataReference.CreateFromFile(path))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult emitted = compilation.Emit(image);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        image.Position = 0;
        Type type = AssemblyLoadContext.Default.LoadFromStream(image).GetType("OneShot.Explored." + scenario, throwOnError: true)!;
        return () => (IScenario)Activator.CreateInstance(type)!;
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(s_own.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\block \(([^()]+)\)")]
    private static partial Regex Locks();
}
