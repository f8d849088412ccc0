using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace OneShot.EndToEnd.Tests.Sample;

/// <summary>What the sample's page is fed with.</summary>
public sealed class EventStreamTests
{
    private const string Events = "/events";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("OneShot")]
    [InlineData("Kestrel")]
    public async Task Readings_come_one_after_the_other_with_the_numbers_of_stats(string front)
    {
        await using SampleServer server = await SampleServer.StartAsync($"--OneShot:Front={front}", "--OneShot:Capacity=8MiB", "--OneShot:Restart:Jitter=0");
        using HttpClient client = Client(server);
        using HttpResponseMessage response = await OpenAsync(client);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        await using IAsyncEnumerator<SseItem<string>> readings = await ReadAsync(response);

        JsonElement first = await NextAsync(readings);
        await client.GetStringAsync(new Uri("/headers", UriKind.Relative), Cancel);
        JsonElement second = await NextAsync(readings);
        for (int late = 0; Requests(second) == Requests(first) && late < 60; late++)
        {
            second = await NextAsync(readings); // on a busy machine readings lie in the connection that are older than the request
        }

        Assert.Equal(["process", "instance", "uptimeSeconds", "warnAt", "drainAt", "liveAt", "stats"], first.EnumerateObject().Select(property => property.Name));
        Assert.Equal(first.GetProperty("process").GetString(), second.GetProperty("process").GetString());
        Assert.Equal(first.GetProperty("instance").GetGuid(), second.GetProperty("instance").GetGuid());
        Assert.True(second.GetProperty("uptimeSeconds").GetDouble() > first.GetProperty("uptimeSeconds").GetDouble());
        Assert.Equal((0.75, 0.85, 0.95), (Number(first, "warnAt"), Number(first, "drainAt"), Number(first, "liveAt")));
        JsonElement stats = second.GetProperty("stats");
        Assert.Equal(front, stats.GetProperty("front").GetString());
        Assert.Equal("Normal", stats.GetProperty("restartPhase").GetString());
        Assert.Equal(8 << 20, stats.GetProperty("processArena").GetProperty("capacity").GetInt64());
        Assert.Equal(Requests(first) + 1, Requests(second));
    }

    [Theory]
    [InlineData("OneShot")]
    [InlineData("Kestrel")]
    public async Task When_the_server_stops_a_stream_ends_whole(string front)
    {
        await using SampleServer server = await SampleServer.StartAsync($"--OneShot:Front={front}");
        using HttpClient client = Client(server);
        using HttpResponseMessage response = await OpenAsync(client);
        await using IAsyncEnumerator<SseItem<string>> readings = await ReadAsync(response);
        await NextAsync(readings);

        Task stopping = server.StopAsync();

        // A stream that the server had to cut off would throw here: its last chunk would be missing.
        while (await readings.MoveNextAsync())
        {
        }

        await stopping;
    }

    [Fact]
    public async Task Streams_that_stay_open_hold_no_arena()
    {
        const int Streams = 32;
        const int BlockSize = 16 << 10;
        await using SampleServer server = await SampleServer.StartAsync("--OneShot:Capacity=4MiB", "--OneShot:Reclamation=PerRequest");
        using HttpClient client = Client(server);
        List<HttpResponseMessage> responses = [];
        for (int i = 0; i < Streams; i++)
        {
            responses.Add(await OpenAsync(client));
        }

        ProcessArena arena = server.Services.GetRequiredService<ProcessArena>();

        Assert.InRange(arena.Used, 0, Streams / 2 * BlockSize);
        responses.ForEach(response => response.Dispose());
    }

    private static HttpClient Client(SampleServer server) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address };

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient client)
    {
        HttpResponseMessage response = await client.GetAsync(new Uri(Events, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    private static async Task<IAsyncEnumerator<SseItem<string>>> ReadAsync(HttpResponseMessage response) =>
        SseParser.Create(await response.Content.ReadAsStreamAsync(Cancel)).EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);

    private static async Task<JsonElement> NextAsync(IAsyncEnumerator<SseItem<string>> readings)
    {
        Assert.True(await readings.MoveNextAsync());
        return JsonElement.Parse(readings.Current.Data);
    }

    private static long Requests(JsonElement reading) => reading.GetProperty("stats").GetProperty("requests").GetInt64();

    private static double Number(JsonElement reading, string name) => reading.GetProperty(name).GetDouble();
}
