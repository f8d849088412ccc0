extern alias Recipes;

using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Testing;
using Recipes::Recipes;

namespace OneShot.AspNetCore.Tests.Docs;

/// <summary>The recipes of docs/recipes.md: compiled, run, and what stands on the page.</summary>
[Collection(nameof(RecipeTests))]
public partial class RecipeTests
{
    private static readonly string s_page = RepositoryFile.Read("docs/recipes.md").ReplaceLineEndings("\n");

    public static TheoryData<string> Names => [.. RecipeRoutes.Plain.Select(static recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Both_ways_answer_the_same(string name)
    {
        (string plain, string plainLog) = await RunAsync(RecipeRoutes.Plain.Single(recipe => recipe.Name == name).Handler);
        (string arena, string arenaLog) = await RunAsync(RecipeRoutes.Arena.Single(recipe => recipe.Name == name).Handler);

        Assert.NotEqual("", plain + plainLog);
        Assert.Equal((plain, plainLog), (arena, arenaLog));
    }

    [Theory]
    [InlineData("PlainRecipes.cs")]
    [InlineData("ArenaRecipes.cs")]
    public void The_page_has_the_code_that_is_compiled(string file) =>
        Assert.All(Handlers(file), handler => Assert.Contains(handler.Text, s_page, StringComparison.Ordinal));

    [Fact]
    public void None_is_longer_from_the_arena_and_the_page_counts_right()
    {
        foreach ((Handler plain, Handler arena) in Handlers("PlainRecipes.cs").Zip(Handlers("ArenaRecipes.cs")))
        {
            Assert.Equal(plain.Name, arena.Name);
            Assert.True(arena.Lines <= plain.Lines, $"{arena.Name}: {arena.Lines} lines instead of {plain.Lines}.");
            Assert.Contains($"| `{plain.Name}` | {plain.Lines} | {arena.Lines} |", s_page, StringComparison.Ordinal);
        }
    }

    private static async Task<(string Answer, string Log)> RunAsync(RequestDelegate handler)
    {
        using TestRequest request = TestRequest.Create(
            ("x-request-id", "0123"), ("user-agent", "test/1.0"), ("authorization", "bearer abc.def"), ("cookie", "theme=dark; session=s1"), ("content-type", "application/json"));
        HttpContext context = request.Context;
        (context.Request.Method, context.Request.Path, context.Request.QueryString) = ("POST", "/a", new QueryString("?page=1&id=42"));
        byte[] body = """{"id":7,"item":"thing","quantity":3}"""u8.ToArray();
        context.Request.Body = new MemoryStream(body);
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        MemoryStream answer = new();
        context.Response.Body = answer;
        MemoryStream log = new();
        RecipeLog.Output = log;
        try
        {
            await handler(context);
            await context.Response.CompleteAsync();
        }
        finally
        {
            RecipeLog.Output = Stream.Null;
        }

        return (Encoding.UTF8.GetString(answer.ToArray()), Encoding.UTF8.GetString(log.ToArray()));
    }

    private static List<Handler> Handlers(string file)
    {
        List<Handler> handlers = [];
        foreach (Match match in Method().Matches(RepositoryFile.Read($"samples/Recipes/{file}").ReplaceLineEndings("\n")))
        {
            // As it stands on the page: without the indentation of the class.
            string text = string.Join('\n', match.Value.TrimEnd('\n').Split('\n').Select(static line => line.StartsWith("    ", StringComparison.Ordinal) ? line[4..] : line));
            handlers.Add(new(match.Groups[1].Value, text, text.Split('\n').Count(static line => line.Trim().Length > 0)));
        }

        Assert.Equal(5, handlers.Count);
        return handlers;
    }

    [GeneratedRegex(@"^    public static .*?Task (\w+)\(HttpContext context\)\n    \{\n.*?^    \}\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Method();

    private sealed record Handler(string Name, string Text, int Lines);

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
