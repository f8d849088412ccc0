using System.Net;
using System.Net.Http.Headers;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>Middleware that keeps a response and sends it again: it holds on to headers, and writes through the pipe.</summary>
public sealed class CachingTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Output_caching_answers_the_second_time(ServerKind kind) => PlayAsync(kind, app =>
    {
        int calls = 0;
        app.UseOutputCache();
        app.MapMethods("/cached", ["GET", "HEAD"], (HttpContext context) =>
        {
            context.Response.Headers.ETag = "\"1\"";
            context.Response.Headers["X-Call"] = $"{++calls}";
            return Results.Text(new string('c', 50_000));
        }).CacheOutput(policy => policy.SetVaryByQuery("q"));
    }, async client =>
    {
        using HttpResponseMessage first = await client.GetAsync("/cached?q=1");
        using HttpResponseMessage second = await client.GetAsync("/cached?q=1&ignored=1");
        using HttpResponseMessage other = await client.GetAsync("/cached?q=2");
        using var conditional = new HttpRequestMessage(HttpMethod.Get, "/cached?q=1") { Headers = { IfNoneMatch = { new EntityTagHeaderValue("\"1\"") } } };
        using HttpResponseMessage unchanged = await client.SendAsync(conditional);
        using var headRequest = new HttpRequestMessage(HttpMethod.Head, "/cached?q=1");
        using HttpResponseMessage head = await client.SendAsync(headRequest);
        using var headAgain = new HttpRequestMessage(HttpMethod.Head, "/cached?q=1");
        using HttpResponseMessage cachedHead = await client.SendAsync(headAgain);

        Assert.Equal(("1", "1", "2"), (Call(first), Call(second), Call(other)));
        Assert.Null(first.Headers.Age);
        Assert.NotNull(second.Headers.Age);
        Assert.Equal(50_000, (await second.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Response_caching_answers_the_second_time(ServerKind kind) => PlayAsync(kind, app =>
    {
        int calls = 0;
        app.UseResponseCaching();
        app.MapGet("/cached", (HttpContext context) =>
        {
            context.Response.GetTypedHeaders().CacheControl = new() { Public = true, MaxAge = TimeSpan.FromHours(1) };
            context.Response.Headers.Vary = "Accept-Language";
            context.Response.Headers["X-Call"] = $"{++calls}";
            return context.Response.WriteAsync("cached"); // of unknown length, which the cache must see from the fields
        });
    }, async client =>
    {
        using HttpResponseMessage first = await client.GetAsync("/cached");
        using HttpResponseMessage second = await client.GetAsync("/cached");
        using var german = new HttpRequestMessage(HttpMethod.Get, "/cached") { Headers = { { "Accept-Language", "de" } } };
        using HttpResponseMessage other = await client.SendAsync(german);

        Assert.Equal(("1", "1", "2"), (Call(first), Call(second), Call(other)));
    });

    private static string Call(HttpResponseMessage response) => response.Headers.GetValues("X-Call").Single();

    private static Task PlayAsync(ServerKind kind, Action<WebApplication> application, Func<HttpClient, Task> script) =>
        new Scenario(application, script)
        {
            Services = builder =>
            {
                builder.Services.AddOutputCache();
                builder.Services.AddResponseCaching();
            },
        }.CompareAsync(kind);
}
