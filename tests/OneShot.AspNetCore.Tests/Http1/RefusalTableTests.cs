using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Telemetry;
using OneShot.AspNetCore.Tests.Http1.Transport;
using OneShot.AspNetCore.Tests.Telemetry;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Each row of the table of refusals, brought about by bytes: its status, its one log event, its metric tag, the end of the connection.</summary>
public sealed class RefusalTableTests
{
    private const string Head = "POST / HTTP/1.1\r\nHost: a\r\n";
    private const string Chunked = Head + "Transfer-Encoding: chunked\r\n\r\n";

    private static readonly Dictionary<RequestRejection, string> s_requests = new()
    {
        [RequestRejection.InvalidRequestLine] = "GET /\r\nHost: a\r\n\r\n",
        [RequestRejection.InvalidMethod] = "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        [RequestRejection.InvalidTarget] = "GET /\u00e4 HTTP/1.1\r\nHost: a\r\n\r\n",
        [RequestRejection.TooManyEmptyLines] = string.Concat(Enumerable.Repeat("\r\n", 9)),
        [RequestRejection.RequestLineTooLong] = $"GET /{new string('a', 8192)} HTTP/1.1\r\nHost: a\r\n\r\n",
        [RequestRejection.MethodTooLong] = $"{new string('A', 8192)} / HTTP/1.1\r\n",
        [RequestRejection.UnsupportedVersion] = "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        [RequestRejection.TargetNeedsOptions] = "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        [RequestRejection.TargetNeedsConnect] = "GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
        [RequestRejection.InvalidHeaderName] = Head + "X(: 1\r\n\r\n",
        [RequestRejection.EmptyHeaderName] = Head + ": 1\r\n\r\n",
        [RequestRejection.MissingColon] = Head + "X\r\n\r\n",
        [RequestRejection.WhitespaceBeforeColon] = Head + "X : 1\r\n\r\n",
        [RequestRejection.LineFolding] = Head + "X: 1\r\n 2\r\n\r\n",
        [RequestRejection.BareCarriageReturn] = Head + "X: 1\r2\r\n\r\n",
        [RequestRejection.BareLineFeed] = Head + "X: 1\n\r\n",
        [RequestRejection.ControlCharacterInValue] = Head + "X: \x07\r\n\r\n",
        [RequestRejection.UndecodableValue] = Head + "X: \u00ff\r\n\r\n",
        [RequestRejection.HeadersTooLarge] = Head + $"X: {new string('a', 33_000)}\r\n\r\n",
        [RequestRejection.TooManyHeaders] = Head + string.Concat(Enumerable.Repeat("X: 1\r\n", 100)) + "\r\n",
        [RequestRejection.MissingHost] = "GET / HTTP/1.1\r\n\r\n",
        [RequestRejection.MultipleHosts] = Head + "Host: a\r\n\r\n",
        [RequestRejection.InvalidHost] = "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        [RequestRejection.HostDiffersFromTarget] = "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        [RequestRejection.InvalidContentLength] = Head + "Content-Length: +3\r\n\r\nabc",
        [RequestRejection.MultipleContentLengths] = Head + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        [RequestRejection.ContentLengthWithTransferEncoding] = Head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        [RequestRejection.InvalidTransferEncoding] = Head + "Transfer-Encoding: ,chunked\r\n\r\n",
        [RequestRejection.TransferEncodingNotChunked] = Head + "Transfer-Encoding: gzip\r\n\r\n",
        [RequestRejection.UnsupportedTransferCoding] = Head + "Transfer-Encoding: gzip, chunked\r\n\r\n",
        [RequestRejection.TransferEncodingOnHttp10] = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        [RequestRejection.LengthRequiredOnHttp10] = "POST / HTTP/1.0\r\n\r\n",
        [RequestRejection.UnknownExpectation] = Head + "Expect: tea\r\nContent-Length: 1\r\n\r\na",
        [RequestRejection.InvalidChunkSize] = Chunked + "x\r\n",
        [RequestRejection.ChunkSizeOverflow] = Chunked + "FFFFFFFFFFFFFFFF\r\n",
        [RequestRejection.InvalidChunkExtension] = Chunked + "1;=\r\n",
        [RequestRejection.ChunkExtensionsTooLarge] = Chunked + string.Concat(Enumerable.Repeat($"1;{new string('x', 1000)}\r\na\r\n", 30)),
        [RequestRejection.ChunkNotTerminated] = Chunked + "1\r\nab",
        [RequestRejection.ForbiddenTrailer] = Chunked + "0\r\nHost: b\r\n\r\n",
        [RequestRejection.BodyTooLarge] = Head + "Content-Length: 40000000\r\n\r\n",
        [RequestRejection.UnexpectedEnd] = Head + "X: 1",
        [RequestRejection.RequestHeadersTimeout] = Head + "X: 1",
        [RequestRejection.RequestBodyTimeout] = Head + "Content-Length: 3\r\n\r\na",
    };

    private readonly ManualClock _clock = new();
    private readonly ConnectionTags _tags = new();

    // The enum is internal and a test's parameters are public: the number stands for it.
    public static TheoryData<byte> All =>
        [.. Enum.GetValues<RequestRejection>().Where(reason => reason != RequestRejection.None).Select(reason => (byte)reason)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_row_is_what_the_client_the_log_and_the_metrics_see(byte row)
    {
        var rejection = (RequestRejection)row;
        await using FrontServer server = await StartAsync();
        using MeterRecorder meter = new(server.Services);
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(s_requests[rejection]);
        if (rejection == RequestRejection.UnexpectedEnd)
        {
            await client.FinishSendingAsync();
        }

        Task<RawResponse> answer = client.ReadResponseAsync();
        if (rejection is RequestRejection.RequestHeadersTimeout or RequestRejection.RequestBodyTimeout)
        {
            await Eventually.AdvancesToAsync(_clock, TimeSpan.FromSeconds(1), answer);
        }

        RawResponse response = await answer;
        Assert.Equal(RequestRejections.StatusCode(rejection), response.Status);
        Assert.Equal(RequestRejections.AllowedMethod(rejection), response["Allow"]);
        Assert.Equal("0", response["Content-Length"]);
        Assert.True(response.SaysClose);
        Assert.True(await client.IsClosedByServerAsync());
        AssertLoggedOnce(server.Log, rejection);
        Assert.Equal([1.0], meter.Recorded("oneshot.http1.rejections", $"reason={RejectionMetrics.NameOf(rejection)}"));
        Assert.Matches("^[a-z]+[a-z0-9]*(_[a-z0-9]+)*$", RejectionMetrics.NameOf(rejection));
        await Eventually.HoldsAsync(() => _tags.Ended.Count == 1);
        Assert.Equal(RequestRejections.ErrorType(rejection), _tags.Ended[0]["error.type"]);
        Assert.Equal("http", _tags.Ended[0]["network.protocol.name"]);
        Assert.Equal("1.1", _tags.Ended[0]["network.protocol.version"]);
    }

    [Theory]
    [InlineData("x\r\n", (byte)RequestRejection.InvalidChunkSize)]
    [InlineData("5;x", (byte)RequestRejection.UnexpectedEnd)]
    public async Task A_refusal_of_the_body_that_the_application_catches_is_logged_all_the_same_and_once(string body, byte row)
    {
        await using FrontServer server = await StartAsync(async context =>
        {
            for (int i = 0; i < 2; i++)
            {
                await Assert.ThrowsAsync<Microsoft.AspNetCore.Http.BadHttpRequestException>(() => context.Request.Body.CopyToAsync(Stream.Null));
            }

            await context.Response.WriteAsync("caught");
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Chunked + body);
        await client.FinishSendingAsync();

        Assert.Equal("caught", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsClosedByServerAsync());
        AssertLoggedOnce(server.Log, (RequestRejection)row);
        await Eventually.HoldsAsync(() => _tags.Ended.Count == 1);
        Assert.Equal(RequestRejections.ErrorType((RequestRejection)row), _tags.Ended[0]["error.type"]);
    }

    [Fact]
    public async Task A_fault_in_a_body_that_nobody_reads_is_logged_when_it_is_drained()
    {
        await using FrontServer server = await StartAsync(context => context.Response.WriteAsync("unread"));
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("unread", (await client.RoundTripAsync(Chunked + "x\r\n")).Text);
        Assert.True(await client.IsClosedByServerAsync());
        AssertLoggedOnce(server.Log, RequestRejection.InvalidChunkSize);
    }

    [Fact]
    public void Each_row_has_an_event_of_its_own_in_the_range_of_refusals()
    {
        List<EventId> events = [.. Enum.GetValues<RequestRejection>().Where(reason => reason != RequestRejection.None).Select(RequestRejections.LogEvent)];
        Assert.Distinct(events.Select(one => one.Id));
        Assert.Distinct(events.Select(one => one.Name));
        Assert.All(events, one => Assert.InRange(one.Id, RequestRejections.FirstEventId, 1199));
    }

    private Task<FrontServer> StartAsync(RequestDelegate? application = null) => FrontServer.StartAsync(
        application ?? (context => context.Request.Body.CopyToAsync(Stream.Null)),
        kestrel: static options => options.Limits.MinRequestBodyDataRate = FrontServer.UsualBodyRate,
        services: services => services.AddSingleton<TimeProvider>(_clock),
        endpoint: listen =>
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set<IConnectionHeartbeatFeature>(_clock);
                return next(connection);
            });
            listen.Use(_tags.Wrap);
        });

    private static void AssertLoggedOnce(RecordingLog log, RequestRejection rejection)
    {
        LogEntry entry = Assert.Single(log.Entries, entry => entry.Message.Contains("bad request", StringComparison.Ordinal));
        Assert.Equal(RequestRejections.LogEvent(rejection), entry.Event);
        Assert.Equal(LogLevel.Debug, entry.Level);
        Assert.Equal("OneShot.AspNetCore.Http1", entry.Category);
        Assert.Contains(RequestRejections.RfcSection(rejection), entry.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Entries, entry => entry.Level >= LogLevel.Warning);
    }
}
