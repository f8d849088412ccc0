using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Text;
using OneShot.Analyzers.CodeFixes;
using OneShot.Analyzers.Tests.Running;

namespace OneShot.Analyzers.Tests;

/// <summary>A fix leaves code that compiles and about which its rule has nothing to tell.</summary>
public class CodeFixTests
{
    [Fact]
    public async Task Memory_that_is_kept_is_copied() => await AssertFixAsync<KeepCopyFix>(
        """
        static class Last
        {
            public static ReadOnlyMemory<byte> Body;

            public static void Handle(HttpContext context)
            {
                Memory<byte> body = context.Arena.AllocateMemory(10);
                Body = body;
            }
        }
        """,
        "Body = body;",
        "Body = body.ToArray();");

    [Fact]
    public async Task Memory_that_is_added_to_a_list_is_copied() => await AssertFixAsync<KeepCopyFix>(
        """
        static class Last
        {
            private static readonly List<Memory<byte>> s_bodies = [];

            public static void Handle(HttpContext context)
            {
                s_bodies.Add(context.Arena.AllocateMemory(10));
            }
        }
        """,
        "context.Arena.AllocateMemory(10)",
        "context.Arena.AllocateMemory(10).ToArray()");

    [Fact]
    public async Task An_arena_that_is_kept_has_no_fix() => await AssertFixAsync<KeepCopyFix>(
        """
        static class Last
        {
            private static RequestArena s_arena;

            public static void Handle(HttpContext context) => s_arena = context.Arena;

            public static long Size => s_arena.Allocated;
        }
        """,
        null,
        null);

    [Fact]
    public async Task A_task_is_awaited_where_the_method_can_wait() => await AssertFixAsync<AwaitFix>(
        """
        static class Endpoints
        {
            public static async Task Handle(HttpContext context)
            {
                RequestArena arena = context.Arena;
                _ = Task.Run(() => arena.Allocate<byte>(8).Clear());
                await context.Response.WriteAsync("ok");
            }
        }
        """,
        "_ = Task.Run",
        "await Task.Run");

    [Fact]
    public async Task A_task_of_a_method_that_cannot_wait_has_no_fix() => await AssertFixAsync<AwaitFix>(
        """
        static class Endpoints
        {
            public static void Handle(HttpContext context)
            {
                RequestArena arena = context.Arena;
                Task.Run(() => arena.Allocate<byte>(8).Clear());
            }
        }
        """,
        null,
        null);

    [Fact]
    public async Task A_writer_begins_with_a_bounded_size() => await AssertFixAsync<BoundSizeFix>(
        """
        static class Endpoints
        {
            public static void Handle(HttpContext context)
            {
                ArenaBufferWriter writer = context.Arena.CreateWriter((int)context.Request.ContentLength!.Value);
                writer.Write("a"u8);
            }
        }
        """,
        "(int)context.Request.ContentLength!.Value",
        "(int)Math.Min(context.Request.ContentLength!.Value, 64 * 1024)");

    [Fact]
    public async Task A_writer_begins_with_a_bounded_size_also_where_there_may_be_no_length() => await AssertFixAsync<BoundSizeFix>(
        """
        static class Endpoints
        {
            public static void Handle(HttpContext context)
            {
                ArenaList<byte> list = context.Arena.CreateList<byte>((int)context.Request.ContentLength!);
                list.Add(1);
            }
        }
        """,
        "(int)context.Request.ContentLength!",
        "(int)Math.Min(context.Request.ContentLength ?? 0, 64 * 1024)");

    [Fact]
    public async Task A_buffer_for_a_whole_body_has_no_fix() => await AssertFixAsync<BoundSizeFix>(
        """
        static class Endpoints
        {
            public static void Handle(HttpContext context) => context.Arena.Allocate<byte>((int)context.Request.ContentLength!).Clear();
        }
        """,
        null,
        null);

    [Fact]
    public async Task What_is_not_ones_own_is_no_longer_disposed() => await AssertFixAsync<RemoveEndFix>(
        """
        static class Endpoints
        {
            public static long Handle(IServiceProvider services)
            {
                ProcessArena process = services.GetRequiredService<ProcessArena>();
                long used = process.Used;
                process.Dispose();
                return used;
            }
        }
        """,
        "        process.Dispose();\n",
        "");

    [Fact]
    public async Task What_is_not_ones_own_is_no_longer_declared_with_using() => await AssertFixAsync<RemoveEndFix>(
        """
        static class Endpoints
        {
            public static long Handle(IServiceProvider services)
            {
                using ProcessArena process = services.GetRequiredService<ProcessArena>();
                return process.Used;
            }
        }
        """,
        "using ProcessArena",
        "ProcessArena");

    [Fact]
    public async Task Header_spans_are_read_before_the_loop() => await AssertFixAsync<HoistHeaderSpansFix>(
        """
        static class Endpoints
        {
            public static int Handle(HttpContext context)
            {
                int length = 0;
                for (int i = 0; i < context.HeaderSpans.Count; i++)
                {
                    length += context.HeaderSpans["a"u8].Length;
                }

                return length;
            }
        }
        """,
        """
                for (int i = 0; i < context.HeaderSpans.Count; i++)
                {
                    length += context.HeaderSpans["a"u8].Length;
        """,
        """
                var headers = context.HeaderSpans;
                for (int i = 0; i < headers.Count; i++)
                {
                    length += headers["a"u8].Length;
        """);

    [Fact]
    public async Task The_front_is_used() => await AssertFixAsync<UseFrontFix>(
        """
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddOneShotArena();
        builder.Build().Run();
        """,
        "builder.Services.AddOneShotArena();\n",
        "builder.Services.AddOneShotArena();\nbuilder.WebHost.UseOneShotHttp1();\n");

    /// <param name="source">A program with one thing to tell, or several that one fix mends.</param>
    /// <param name="before">What is replaced in it; null where there is no fix.</param>
    /// <param name="after">By what.</param>
    private static async Task AssertFixAsync<T>(string source, string? before, string? after) where T : CodeFixProvider, new()
    {
        source = source.ReplaceLineEndings("\n");
        using var workspace = new AdhocWorkspace();
        Document document = AddDocument(workspace, source);
        Diagnostic told = (await TellAsync(document))[0];
        List<CodeAction> actions = [];
        T provider = new();
        Assert.Contains(told.Id, provider.FixableDiagnosticIds);
        await provider.RegisterCodeFixesAsync(new CodeFixContext(document, told, (action, _) => actions.Add(action), TestContext.Current.CancellationToken));
        if (before is null)
        {
            Assert.Empty(actions);
            return;
        }

        Document changed = await ApplyAsync(Assert.Single(actions), document);

        string text = (await changed.GetTextAsync(TestContext.Current.CancellationToken)).ToString();
        Assert.Equal(source.Replace(before.ReplaceLineEndings("\n"), after!.ReplaceLineEndings("\n"), StringComparison.Ordinal), text.ReplaceLineEndings("\n"));
        Assert.Empty((await CompileAsync(changed)).GetDiagnostics(TestContext.Current.CancellationToken).Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        Assert.Empty(await TellAsync(changed));
    }

    private static Document AddDocument(AdhocWorkspace workspace, string source)
    {
        Compilation compilation = Analysis.Compile(source);
        Project project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Create(), "Snippet", "Snippet", LanguageNames.CSharp,
            compilationOptions: compilation.Options, parseOptions: Analysis.ParseOptions, metadataReferences: Analysis.References));
        workspace.AddDocument(project.Id, "Usings.cs", SourceText.From(Analysis.Usages));
        return workspace.AddDocument(project.Id, "Snippet.cs", SourceText.From(source));
    }

    private static async Task<IReadOnlyList<Diagnostic>> TellAsync(Document document) => await Analysis.RunAsync(await CompileAsync(document));

    private static async Task<Compilation> CompileAsync(Document document) => (await document.Project.GetCompilationAsync(TestContext.Current.CancellationToken))!;

    private static async Task<Document> ApplyAsync(CodeAction action, Document document)
    {
        ApplyChangesOperation changes = Assert.IsType<ApplyChangesOperation>(Assert.Single(await action.GetOperationsAsync(TestContext.Current.CancellationToken)));
        return await Formatter.FormatAsync(changes.ChangedSolution.GetDocument(document.Id)!, Formatter.Annotation, cancellationToken: TestContext.Current.CancellationToken);
    }
}
