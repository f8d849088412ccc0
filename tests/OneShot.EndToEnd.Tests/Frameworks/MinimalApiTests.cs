using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>Binding and results of minimal APIs and controllers: routes, queries, headers, JSON, forms, files.</summary>
public sealed class MinimalApiTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Json_routes_queries_and_headers_bind(ServerKind kind) => PlayAsync(kind, async client =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/items/7?tag=a&tag=b%26c&since=2024-02-29") { Headers = { { "X-Probe", "probe" } } };
        using HttpResponseMessage item = await client.SendAsync(request);
        using HttpResponseMessage created = await client.PostAsJsonAsync("/items", new Item(8, "acht", ["x"]));
        using HttpResponseMessage invalid = await client.PostAsync("/items", new StringContent("{\"id\": nonsense", new MediaTypeHeaderValue("application/json")));
        using HttpResponseMessage wrongType = await client.PostAsync("/items", new StringContent("id=8"));
        using HttpResponseMessage empty = await client.PostAsync("/items", new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } });
        using HttpResponseMessage notFound = await client.GetAsync("/items/0");
        using HttpResponseMessage wrongMethod = await client.DeleteAsync("/items/7");
        using HttpResponseMessage problem = await client.GetAsync("/problem");

        Assert.Equal("{\"id\":7,\"name\":\"probe 2024-02-29\",\"tags\":[\"a\",\"b&c\"]}", await item.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.Created, "/items/8"), (created.StatusCode, created.Headers.Location!.OriginalString));
        Assert.Equal(
            [HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed, HttpStatusCode.Conflict],
            [invalid.StatusCode, wrongType.StatusCode, empty.StatusCode, notFound.StatusCode, wrongMethod.StatusCode, problem.StatusCode]);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Forms_and_files_bind(ServerKind kind) => PlayAsync(kind, async client =>
    {
        using var form = new MultipartFormDataContent("a-boundary")
        {
            { new StringContent("Grüße"), "name" },
            { new ByteArrayContent(new byte[200_000]), "file", "zeros.bin" },
            { new StringContent("small"), "other", "small.txt" },
        };
        using HttpResponseMessage uploaded = await client.PostAsync("/upload", form);
        using HttpResponseMessage plain = await client.PostAsync("/form", new FormUrlEncodedContent([new("name", "a b&c"), new("count", "3")]));
        using HttpResponseMessage missing = await client.PostAsync("/form", new FormUrlEncodedContent([new("name", "a")]));

        Assert.Equal("Grüße zeros.bin 200000 2", await uploaded.Content.ReadAsStringAsync());
        Assert.Equal("a b&c 3", await plain.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Results_of_every_sort_come_through(ServerKind kind) => PlayAsync(kind, async client =>
    {
        foreach (string path in new[] { "stream", "bytes", "file", "redirect", "empty", "accepted" })
        {
            using HttpResponseMessage response = await client.GetAsync($"/results/{path}");
            Assert.True((int)response.StatusCode < 400, path);
        }

        using var range = new HttpRequestMessage(HttpMethod.Get, "/results/bytes") { Headers = { Range = new RangeHeaderValue(1, 2) } };
        using HttpResponseMessage part = await client.SendAsync(range);
        Assert.Equal([2, 3], await part.Content.ReadAsByteArrayAsync());
    });

    private static Task PlayAsync(ServerKind kind, Func<HttpClient, Task> script) => new Scenario(Map, script)
    {
        Services = builder => builder.Services.AddProblemDetails(),
    }.CompareAsync(kind);

    private static void Map(WebApplication app)
    {
        app.UseStatusCodePages();
        app.MapGet("/items/{id:int}", Results<Ok<Item>, NotFound> (
            int id, [FromQuery(Name = "tag")] string[] tags, DateOnly? since, [FromHeader(Name = "X-Probe")] string? probe) =>
            id == 0 ? TypedResults.NotFound() : TypedResults.Ok(new Item(id, $"{probe} {since:yyyy-MM-dd}", tags)));
        app.MapPost("/items", (Item item) => TypedResults.Created($"/items/{item.Id}", item));
        app.MapGet("/problem", () => TypedResults.Problem("taken", statusCode: StatusCodes.Status409Conflict));
        app.MapPost("/upload", ([FromForm] string name, IFormFile file, IFormFileCollection files) =>
            Results.Text($"{name} {file.FileName} {file.Length} {files.Count}")).DisableAntiforgery();
        app.MapPost("/form", ([FromForm] string name, [FromForm][Range(1, 9)] int count) => Results.Text($"{name} {count}")).DisableAntiforgery();
        app.MapGet("/results/stream", () => Results.Stream(stream => stream.WriteAsync(new byte[100_000]).AsTask(), "application/octet-stream"));
        app.MapGet("/results/bytes", () => Results.Bytes([1, 2, 3], "application/octet-stream", enableRangeProcessing: true));
        app.MapGet("/results/file", () => Results.File("text"u8.ToArray(), "text/plain", "ä b.txt"));
        app.MapGet("/results/redirect", () => Results.Redirect("/elsewhere?a=b"));
        app.MapGet("/results/empty", () => Results.Empty);
        app.MapGet("/results/accepted", () => Results.Accepted("/later"));
    }

    internal sealed record Item(int Id, string Name, string[] Tags);
}
