using System.Net;
using System.Security.Cryptography;

namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>.NET's own client.</summary>
public sealed class HttpClientTests
{
    private readonly ClientApplication _application = new();

    public static TheoryData<ServerKind> Servers => ServerKinds.All;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Every_method_gets_its_answer(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        using HttpClient client = server.CreateClient();

        foreach (string method in new[] { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "get" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/describe?a=%20b") { Headers = { { "X-Probe", "ä b" } } };
            using HttpResponseMessage response = await client.SendAsync(request);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            // HttpClient itself knows "get" for GET.
            string expected = $"{method.ToUpperInvariant()} /describe?a=%20b HTTP/1.1 http {server.Address.Authority} ä b";
            Assert.Equal(method == "HEAD" ? "" : expected, await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(1, server.ConnectionsUsed);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_body_of_unknown_length_streams_up_and_down(ServerKind kind)
    {
        const int Length = 12_345_678;
        await using WebServer server = await StartAsync(kind);
        using HttpClient client = server.CreateClient();
        byte[] bytes = ClientApplication.Bytes(Length);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/hash") { Content = new StreamContent(new MemoryStream(bytes)) };
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage uploaded = await client.SendAsync(request);
        using HttpResponseMessage download = await client.GetAsync($"/bytes/{Length}", HttpCompletionOption.ResponseHeadersRead);
        byte[] hash = await SHA256.HashDataAsync(await download.Content.ReadAsStreamAsync());

        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), await uploaded.Content.ReadAsStringAsync());
        Assert.True(download.Headers.TransferEncodingChunked);
        Assert.Equal(SHA256.HashData(bytes), hash);
        Assert.Equal(1, server.ConnectionsUsed);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_body_that_the_application_leaves_unread_does_not_cost_the_connection(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        using HttpClient client = server.CreateClient();

        for (int i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/ignore") { Content = new ByteArrayContent(new byte[i * 10_000]) };
            request.Headers.TransferEncodingChunked = i % 2 == 0;
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.Equal("ignored", await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(1, server.ConnectionsUsed);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_client_that_expects_100_continue_sends_the_body_when_it_is_wanted_and_only_then(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        // Without the interim answer it would wait for an hour.
        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromHours(1), UseProxy = false };
        using var client = new HttpClient(handler) { BaseAddress = server.Address, Timeout = Eventually.Patience };
        byte[] bytes = ClientApplication.Bytes(3_000_000);

        var wanted = new WatchedContent(bytes);
        using HttpResponseMessage accepted = await ExpectAsync(client, "/hash", wanted);
        var unwanted = new WatchedContent(bytes);
        using HttpResponseMessage refused = await ExpectAsync(client, "/refuse", unwanted);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), await accepted.Content.ReadAsStringAsync());
        Assert.True(wanted.WasSent);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(unwanted.WasSent);
        Assert.Equal("hello", await client.GetStringAsync("/hello"));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_client_that_gives_up_a_download_is_noticed_by_the_application(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        using HttpClient client = server.CreateClient();

        using (HttpResponseMessage response = await client.GetAsync("/endless", HttpCompletionOption.ResponseHeadersRead))
        {
            Stream body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1_000_000]);
        }

        await _application.Aborted.WaitAsync(Eventually.Patience);
        Assert.Equal("hello", await client.GetStringAsync("/hello"));
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_client_that_gives_up_an_upload_is_noticed_by_the_application(ServerKind kind)
    {
        await using WebServer server = await StartAsync(kind);
        using HttpClient client = server.CreateClient();
        using var cancellation = new CancellationTokenSource();

        var content = new EndlessContent(1_000_000, cancellation.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.PostAsync("/swallow", content, cancellation.Token));

        await _application.Aborted.WaitAsync(Eventually.Patience);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Connections_are_used_again_and_all_go_when_the_client_goes(ServerKind kind)
    {
        const int Clients = 8;
        await using WebServer server = await StartAsync(kind);
        using (var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Clients, UseProxy = false })
        using (var client = new HttpClient(handler) { BaseAddress = server.Address })
        {
            await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, cancellation) =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"/describe?{i}") { Headers = { { "X-Probe", $"{i}" } } };
                using HttpResponseMessage response = await client.SendAsync(request, cancellation);
                string expected = $"GET /describe?{i} HTTP/1.1 http {server.Address.Authority} {i}";
                Assert.Equal(expected, await response.Content.ReadAsStringAsync(cancellation));
            });
            Assert.InRange(server.ConnectionsUsed, 1, Clients);
        }

        await Eventually.TrueAsync(() => server.Connections.Active == 0, () => $"{server.Connections.Active} connections are open");
    }

    private static async Task<HttpResponseMessage> ExpectAsync(HttpClient client, string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.ExpectContinue = true;
        return await client.SendAsync(request);
    }

    private Task<WebServer> StartAsync(ServerKind kind) => WebServer.StartAsync(kind, _application.Map);
}
