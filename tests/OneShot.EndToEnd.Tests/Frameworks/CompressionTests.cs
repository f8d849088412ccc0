using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.ResponseCompression;

namespace OneShot.EndToEnd.Tests.Frameworks;

public sealed class CompressionTests
{
    private static readonly string s_text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"line {i}\n"));

    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Responses_are_compressed_as_the_client_likes(ServerKind kind) => PlayAsync(kind, async client =>
    {
        foreach (string coding in new[] { "gzip", "br", "identity", "gzip;q=0.5, br;q=1.0", "br;q=0" })
        {
            foreach ((HttpMethod method, string path) in new[] { (HttpMethod.Get, "/text"), (HttpMethod.Head, "/text"), (HttpMethod.Get, "/pieces"), (HttpMethod.Get, "/empty") })
            {
                using var request = new HttpRequestMessage(method, path) { Headers = { { "Accept-Encoding", coding } } };
                using HttpResponseMessage response = await client.SendAsync(request);
                Assert.Equal(path == "/empty" ? HttpStatusCode.NoContent : HttpStatusCode.OK, response.StatusCode);
                if (path != "/empty" && method == HttpMethod.Get)
                {
                    Assert.Equal(s_text, await DecodeAsync(response));
                }
            }
        }
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task Requests_are_decompressed(ServerKind kind) => PlayAsync(kind, async client =>
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new StreamWriter(gzip))
        {
            await writer.WriteAsync(s_text);
        }

        foreach (bool chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/length") { Content = new ByteArrayContent(compressed.ToArray()) };
            request.Content.Headers.ContentEncoding.Add("gzip");
            request.Headers.TransferEncodingChunked = chunked;
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.Equal($"{s_text.Length}", await response.Content.ReadAsStringAsync());
        }

        using var unknown = new HttpRequestMessage(HttpMethod.Post, "/length") { Content = new StringContent("x") };
        unknown.Content.Headers.ContentEncoding.Add("compress");
        using HttpResponseMessage asIs = await client.SendAsync(unknown);
        Assert.Equal("1", await asIs.Content.ReadAsStringAsync());
    });

    private static Task PlayAsync(ServerKind kind, Func<HttpClient, Task> script) => new Scenario(
        app =>
        {
            app.UseResponseCompression();
            app.UseRequestDecompression();
            app.MapMethods("/text", ["GET", "HEAD"], () => Results.Text(s_text));
            app.MapGet("/empty", () => Results.NoContent());
            app.MapGet("/pieces", async context =>
            {
                context.Response.ContentType = "text/plain";
                foreach (string line in s_text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Chunk(1000).Select(lines => string.Join('\n', lines)))
                {
                    await context.Response.WriteAsync($"{line}\n");
                    await context.Response.Body.FlushAsync();
                }
            });
            app.MapPost("/length", async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                await context.Response.WriteAsync($"{(await reader.ReadToEndAsync()).Length}");
            });
        },
        script)
    {
        Services = builder =>
        {
            builder.Services.AddResponseCompression();
            builder.Services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
            builder.Services.AddRequestDecompression();
        },
    }.CompareAsync(kind);

    private static async Task<string> DecodeAsync(HttpResponseMessage response)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync();
        await using Stream decoded = response.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(decoded);
        return await reader.ReadToEndAsync();
    }
}
