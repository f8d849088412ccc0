using System.Net;
using System.Security.Cryptography;
using OneShot.EndToEnd.Tests.Realtime;

namespace OneShot.EndToEnd.Tests.Proxies;

/// <summary>What goes through a proxy to a server behind it, whichever of the two is the front.</summary>
internal static class ProxyTraffic
{
    internal static void Map(WebApplication app)
    {
        WebSocketTraffic.Map(app);
        app.MapGet("/hello", (HttpContext context) => Results.Text($"hello {context.Request.Query["i"]}"));
        app.MapGet("/closing", (HttpContext context, int i) =>
        {
            if (i % 3 == 0)
            {
                context.Response.Headers.Connection = "close";
            }

            return Results.Text($"hello {i}");
        });
        app.MapPost("/hash", async context =>
        {
            byte[] hash = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted);
            await context.Response.WriteAsync(Convert.ToHexString(hash));
        });
        app.MapPost("/echo", context => context.Request.Body.CopyToAsync(context.Response.Body));
        app.MapPost("/ignore", () => Results.Text("ignored"));
        app.MapGet("/download", async context =>
        {
            for (int i = 0; i < 100; i++)
            {
                await context.Response.Body.WriteAsync(new byte[50_000]);
            }
        });
    }

    /// <summary>Everything but the count of connections.</summary>
    internal static async Task CheckAsync(Uri address)
    {
        using HttpClient client = Client(address);
        Assert.Equal("hello 1", await client.GetStringAsync("/hello?i=1"));
        using var head = new HttpRequestMessage(HttpMethod.Head, "/hello");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.SendAsync(head)).StatusCode);
        await CheckUploadAsync(client, chunked: false);
        await CheckUploadAsync(client, chunked: true);
        Assert.Equal(5_000_000, (await client.GetByteArrayAsync("/download")).Length);
        Assert.Equal("ignored", await (await client.PostAsync("/ignore", new ByteArrayContent(new byte[20_000]))).Content.ReadAsStringAsync());
        Assert.Equal("a=b", await (await client.PostAsync("/echo", new StringContent("a=b"))).Content.ReadAsStringAsync());
        await WebSocketTraffic.CheckAsync(address);
        await CheckManyAsync(client, 500);
    }

    /// <summary>The server behind ends every third connection: what it says of that must reach the proxy before the next request.</summary>
    internal static async Task CheckClosingAsync(Uri address)
    {
        using HttpClient client = Client(address);
        await CheckManyAsync(client, 150, "/closing");
    }

    /// <summary>Requests from several at once; none may fail.</summary>
    internal static Task CheckManyAsync(HttpClient client, int requests, string path = "/hello") =>
        Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellation) =>
        {
            using HttpResponseMessage response = await client.GetAsync($"{path}?i={i}", cancellation);
            Assert.Equal((HttpStatusCode.OK, $"hello {i}"), (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation)));
        });

    internal static HttpClient Client(Uri address) =>
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = address, Timeout = Eventually.Patience };

    private static async Task CheckUploadAsync(HttpClient client, bool chunked)
    {
        byte[] body = RandomNumberGenerator.GetBytes(5_000_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hash") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(body)), await response.Content.ReadAsStringAsync());
    }
}
