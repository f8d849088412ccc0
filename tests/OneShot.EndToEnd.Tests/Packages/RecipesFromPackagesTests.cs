using System.Net;
using System.Text;

namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>The recipes, built from the packages, over sockets: the same answer either way.</summary>
public class RecipesFromPackagesTests
{
    private static readonly string[] s_recipes = ["headers", "await", "json", "caller", "log"];

    [Fact]
    public async Task Each_handler_on_the_arena_answers_what_the_plain_one_answers()
    {
        using PackagedSample sample = await PackagedSample.BuildAsync("Recipes");
        int port = FreePort.Next();
        await using ChildProcess server = await sample.StartAsync(port);
        using HttpClient client = new() { BaseAddress = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri };

        foreach (string recipe in s_recipes)
        {
            Answer plain = await AskAsync(client, $"/plain/{recipe}");
            Answer arena = await AskAsync(client, $"/arena/{recipe}");

            Assert.Equal(HttpStatusCode.OK, plain.Status);
            Assert.Equal((plain.Status, plain.ContentType), (arena.Status, arena.ContentType));
            Assert.Equal(plain.Body, arena.Body, ignoreCase: true); // field names have no case: "X-Request-ID" is one of them on the wire
            Assert.Equal(recipe == "log", plain.Body.Length == 0); // its line goes elsewhere
        }
    }

    private static async Task<Answer> AskAsync(HttpClient client, string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"{path}?page=1&id=42")
        {
            Content = new StringContent("""{"id":7,"item":"thing","quantity":3}""", Encoding.UTF8, "application/json"),
            Headers = { { "X-Request-Id", "0123" }, { "User-Agent", "test/1.0" }, { "Authorization", "Bearer abc.def" }, { "Cookie", "theme=dark; session=s1" } },
        };
        using HttpResponseMessage response = await client.SendAsync(request);
        return new(response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
    }

    private sealed record Answer(HttpStatusCode Status, string? ContentType, string Body);
}
