using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace OneShot.EndToEnd.Tests.Uploads;

/// <summary>Uploads that are larger than what the server may hold in memory.</summary>
[Collection(typeof(Alone))]
public sealed class MultipartUploadTests
{
    private const long Large = 100_000_000;
    private const long Smaller = 8_000_000;
    private const long MeasureEvery = 20_000_000;
    private const long LargestGrowth = 20 << 20;

    private long _largestHeap;

    [Theory]
    [InlineData(ServerKind.Front, false)]
    [InlineData(ServerKind.Front, true)]
    [InlineData(ServerKind.FrontPerRequest, false)]
    [InlineData(ServerKind.FrontPerRequest, true)]
    [InlineData(ServerKind.FrontOnTransport, false)]
    [InlineData(ServerKind.FrontOnTransport, true)]
    public async Task A_hundred_megabytes_in_parts_pass_with_flat_memory(ServerKind kind, bool chunked)
    {
        await using WebServer server = await WebServer.StartAsync(
            kind, app => app.MapPost("/parts", ReadPartsAsync).WithMetadata(new RequestSizeLimitAttribute(Large + 1_000_000)));
        using HttpClient client = server.CreateClient();
        await UploadAsync(client, "/parts", new GeneratedContent(100_000), chunked); // what is allocated once is not growth

        ProcessArena arena = server.Services.GetRequiredService<ProcessArena>();
        long used = arena.Used;
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        var content = new GeneratedContent(Large);

        string answer = await UploadAsync(client, "/parts", content, chunked);

        Assert.Equal($"file:{content.Hash};note:{Convert.ToHexString(SHA256.HashData("a note"u8))};", answer);
        Assert.InRange(_largestHeap - heap, long.MinValue, LargestGrowth);
        Assert.InRange(arena.Used - used, long.MinValue, 64 * 1024); // the head of one request, however long its body
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(ServerKind.Front)]
    [InlineData(ServerKind.FrontPerRequest)]
    [InlineData(ServerKind.FrontOnTransport)]
    public async Task A_form_file_is_kept_on_disk(ServerKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, app => app.MapPost("/form", async (IFormFile file, [FromForm] string note) =>
        {
            _largestHeap = GC.GetTotalMemory(forceFullCollection: true);
            await using Stream stream = file.OpenReadStream();
            return Results.Text($"{file.FileName}:{Convert.ToHexString(await SHA256.HashDataAsync(stream))};{note}");
        }).DisableAntiforgery());
        using HttpClient client = server.CreateClient();
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        var content = new GeneratedContent(Smaller);

        string answer = await UploadAsync(client, "/form", content, chunked: false);

        Assert.Equal($"large.bin:{content.Hash};a note", answer);
        Assert.InRange(_largestHeap - heap, long.MinValue, Smaller / 2);
    }

    private static async Task<string> UploadAsync(HttpClient client, string path, HttpContent content, bool chunked)
    {
        using var form = new MultipartFormDataContent("a-boundary") { { content, "file", "large.bin" }, { new StringContent("a note"), "note" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task ReadPartsAsync(HttpContext context)
    {
        string boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(context.Request.ContentType).Boundary).ToString();
        var reader = new MultipartReader(boundary, context.Request.Body);
        byte[] buffer = new byte[64 * 1024];
        string answer = "";
        while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long total = 0;
            int read;
            while ((read = await section.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, read));
                if (total / MeasureEvery != (total += read) / MeasureEvery)
                {
                    _largestHeap = Math.Max(_largestHeap, GC.GetTotalMemory(forceFullCollection: true));
                }
            }

            answer += $"{ContentDispositionHeaderValue.Parse(section.ContentDisposition).Name}:{Convert.ToHexString(hash.GetHashAndReset())};";
        }

        await context.Response.WriteAsync(answer);
    }
}
