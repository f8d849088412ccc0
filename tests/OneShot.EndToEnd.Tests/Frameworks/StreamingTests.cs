using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>Answers that are read while they are written. The application writes a piece when it is told to: nothing may be held back.</summary>
public sealed class StreamingTests
{
    private const int Pieces = 20;

    public static TheoryData<ServerKind> Servers => ServerKinds.All;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Server_sent_events_arrive_one_by_one(ServerKind kind)
    {
        var pieces = Channel.CreateUnbounded<int>();
        await using WebServer server = await WebServer.StartAsync(kind, app => app.MapGet("/events", (CancellationToken aborted) =>
            TypedResults.ServerSentEvents(EventsAsync(pieces.Reader, aborted))));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await ReadHeadAsync(client, "/events", pieces);
        var parser = SseParser.Create(await response.Content.ReadAsStreamAsync());
        await using IAsyncEnumerator<SseItem<string>> events = parser.EnumerateAsync().GetAsyncEnumerator();
        for (int i = 0; i < Pieces; i++)
        {
            Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Eventually.Patience));
            Assert.Equal(($"event {i}", "tick", $"{i}"), (events.Current.Data, events.Current.EventType, events.Current.EventId));
            pieces.Writer.TryWrite(i + 1);
        }

        pieces.Writer.Complete();
        Assert.True(await events.MoveNextAsync()); // the one that was asked for last
        Assert.False(await events.MoveNextAsync());
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_event_stream_ends_when_its_client_goes(ServerKind kind)
    {
        var pieces = Channel.CreateUnbounded<int>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer server = await WebServer.StartAsync(kind, app => app.MapGet("/events", (HttpContext context) =>
        {
            context.RequestAborted.Register(ended.SetResult);
            return TypedResults.ServerSentEvents(EventsAsync(pieces.Reader, context.RequestAborted));
        }));
        using (HttpClient client = server.CreateClient())
        {
            using HttpResponseMessage response = await ReadHeadAsync(client, "/events", pieces);
        }

        await ended.Task.WaitAsync(Eventually.Patience);
        await Eventually.TrueAsync(() => server.Connections.Active == 0, () => $"{server.Connections.Active} connections are open");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Json_of_an_asynchronous_sequence_streams(ServerKind kind)
    {
        var pieces = Channel.CreateUnbounded<int>();
        await using WebServer server = await WebServer.StartAsync(
            kind, app => app.MapGet("/json", (CancellationToken aborted) => TextsAsync(pieces.Reader, aborted)));
        using HttpClient client = server.CreateClient();
        using var patience = new CancellationTokenSource(Eventually.Patience);

        using HttpResponseMessage response = await ReadHeadAsync(client, "/json", pieces);
        Stream body = await response.Content.ReadAsStreamAsync();
        var seen = new List<string?>();
        await foreach (string? text in JsonSerializer.DeserializeAsyncEnumerable<string>(body, cancellationToken: patience.Token))
        {
            seen.Add(text);
            if (seen.Count <= Pieces)
            {
                pieces.Writer.TryWrite(seen.Count);
            }
            else
            {
                pieces.Writer.TryComplete();
            }
        }

        Assert.Equal(Enumerable.Range(0, Pieces + 1).Select(i => $"{i}"), seen);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Bytes_arrive_when_they_are_flushed(ServerKind kind)
    {
        var pieces = Channel.CreateUnbounded<int>();
        await using WebServer server = await WebServer.StartAsync(kind, app => app.MapGet("/bytes", async context =>
        {
            await foreach (int piece in pieces.Reader.ReadAllAsync(context.RequestAborted))
            {
                context.Response.BodyWriter.GetSpan(1)[0] = (byte)piece;
                context.Response.BodyWriter.Advance(1);
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }
        }));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage response = await ReadHeadAsync(client, "/bytes", pieces);
        Stream body = await response.Content.ReadAsStreamAsync();
        byte[] read = new byte[10];
        for (int i = 0; i < Pieces; i++)
        {
            Assert.Equal(1, await body.ReadAsync(read).AsTask().WaitAsync(Eventually.Patience));
            Assert.Equal(i, read[0]);
            pieces.Writer.TryWrite(i + 1);
        }

        pieces.Writer.Complete();
        Assert.Equal(1, await body.ReadAsync(read));
        Assert.Equal(0, await body.ReadAsync(read));
    }

    /// <summary>The first piece takes the head along: an answer need not start before something is written.</summary>
    private static Task<HttpResponseMessage> ReadHeadAsync(HttpClient client, string path, Channel<int> pieces)
    {
        pieces.Writer.TryWrite(0);
        return client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Texts, not numbers: a reader knows the end of a number only by what follows it.</summary>
    private static async IAsyncEnumerable<string> TextsAsync(ChannelReader<int> pieces, [EnumeratorCancellation] CancellationToken aborted)
    {
        await foreach (int piece in pieces.ReadAllAsync(aborted))
        {
            yield return $"{piece}";
        }
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        ChannelReader<int> pieces, [EnumeratorCancellation] CancellationToken aborted)
    {
        await foreach (int piece in pieces.ReadAllAsync(aborted))
        {
            yield return new SseItem<string>($"event {piece}", "tick") { EventId = $"{piece}" };
        }
    }
}
