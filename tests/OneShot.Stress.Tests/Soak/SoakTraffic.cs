using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using OneShot.Stress.Tests.Races;

namespace OneShot.Stress.Tests.Soak;

/// <summary>Clients of all sorts against one server. Each habit checks what it gets; each is counted.</summary>
internal sealed class SoakTraffic : IDisposable
{
    private static readonly byte[][] s_heads =
    [
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Heads"), "*.http").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
            .Where(head => head.AsSpan().StartsWith("GET "u8) && head.AsSpan().IndexOf("pgrade: websocket"u8) < 0),
    ];

    private static readonly string[] s_badRequests =
    [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "G@T / HTTP/1.1\r\n\r\n", "GET /\0 HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('x', 40_000) + "\r\n\r\n",
    ];

    private readonly IPEndPoint _server;
    private readonly Uri _address;
    private readonly HttpClient _client;
    private readonly (string Name, Func<Random, Task> Act)[] _habits;
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private int _tokens;

    public SoakTraffic(IPEndPoint server)
    {
        _server = server;
        _address = new Uri($"http://{server}/");
        _client = new HttpClient { BaseAddress = _address, Timeout = Timeout.InfiniteTimeSpan };
        _habits =
        [
            ("keep-alive GETs", GetAsync), ("browser heads", SendHeadsAsync), ("POST with length", random => PostAsync(random, chunked: false)),
            ("POST in chunks", random => PostAsync(random, chunked: true)), ("pipelining", PipelineAsync), ("left within the request", LeaveRequestAsync),
            ("left within the response", LeaveResponseAsync), ("slow readers", ReadSlowlyAsync), ("bad requests", SendBadAsync), ("WebSockets", TalkAsync),
            ("server-sent events", ListenAsync), ("clients started anew", StartAnewAsync), ("server's failures", MeetFailuresAsync),
        ];
    }

    /// <summary>How often each habit was indulged.</summary>
    public IEnumerable<KeyValuePair<string, int>> Counts => _counts.OrderBy(count => count.Key, StringComparer.Ordinal);

    /// <summary>Acts until it is told to stop.</summary>
    public async Task RunAsync(int seed, CancellationToken over)
    {
        var random = new Random(seed);
        while (!over.IsCancellationRequested)
        {
            (string name, Func<Random, Task> act) = _habits[random.Next(_habits.Length)];
            try
            {
                await act(random).WaitAsync(TimeSpan.FromMinutes(2), CancellationToken.None);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{name}: {exception.Message}", exception);
            }

            _counts.AddOrUpdate(name, 1, (_, count) => count + 1);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task GetAsync(Random random)
    {
        for (int i = random.Next(1, 20); i > 0; i--)
        {
            await AskAsync(_client);
        }
    }

    private async Task AskAsync(HttpClient client)
    {
        string token = NextToken();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/small?a=%C3%A9") { Headers = { { "X-Token", token } } };
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.EndsWith(" " + token, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task SendHeadsAsync(Random random)
    {
        using SocketEnd end = await ConnectAsync();
        for (int i = random.Next(1, 10); i > 0; i--)
        {
            await end.SendAsync(s_heads[random.Next(s_heads.Length)]);
            string answer = await ReceiveUntilAsync(end, text => text.Contains("\r\n0\r\n\r\n", StringComparison.Ordinal) || text.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal));
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
            if (answer.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    private async Task PostAsync(Random random, bool chunked)
    {
        byte[] body = new byte[random.Next(random.Next(4) == 0 ? 300_000 : 2_000)];
        random.NextBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = random.Next(5) == 0;
        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
    }

    private async Task PipelineAsync(Random random)
    {
        using SocketEnd end = await ConnectAsync();
        string[] tokens = [.. Enumerable.Range(0, random.Next(2, 30)).Select(_ => NextToken())];
        await end.SendAsync(Encoding.ASCII.GetBytes(string.Concat(tokens.Select(token => $"GET / HTTP/1.1\r\nHost: a\r\nX-Token: {token}\r\n\r\n"))));
        string answers = await ReceiveUntilAsync(end, text => text.EndsWith($" {tokens[^1]}\r\n0\r\n\r\n", StringComparison.Ordinal));
        int at = 0;
        foreach (string token in tokens)
        {
            at = answers.IndexOf($" {token}\r\n", at, StringComparison.Ordinal);
            Assert.True(at >= 0, "An answer is missing or out of its order.");
        }
    }

    private async Task LeaveRequestAsync(Random random)
    {
        SocketEnd end = await ConnectAsync();
        string request = $"POST /echo HTTP/1.1\r\nHost: a\r\nX-Token: {NextToken()}\r\nContent-Length: 5000\r\n\r\n" + new string('b', random.Next(5000));
        await end.SendAsync(Encoding.ASCII.GetBytes(request[..random.Next(request.Length)]));
        Leave(end, random);
    }

    private async Task LeaveResponseAsync(Random random)
    {
        SocketEnd end = await ConnectAsync();
        await end.SendAsync(Encoding.ASCII.GetBytes($"GET /large?size=2000000{(random.Next(2) == 0 ? "&length" : "")} HTTP/1.1\r\nHost: a\r\n\r\n"));
        for (int i = random.Next(6); i > 0; i--)
        {
            await end.ReceiveAsync();
        }

        Leave(end, random);
    }

    private async Task ReadSlowlyAsync(Random random)
    {
        using SocketEnd end = await ConnectAsync();
        await end.SendAsync("GET /large?size=300000&length HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());
        long received = 0;
        while (await end.ReceiveAsync() is { Length: > 0 } bytes)
        {
            received += bytes.Length;
            for (int yields = random.Next(40); yields > 0; yields--)
            {
                await Task.Yield();
            }
        }

        Assert.InRange(received, 300_000, 300_500);
    }

    private async Task SendBadAsync(Random random)
    {
        using SocketEnd end = await ConnectAsync();
        await end.SendAsync(Encoding.Latin1.GetBytes(s_badRequests[random.Next(s_badRequests.Length)]));
        string answer = await ReceiveUntilAsync(end, _ => false);
        Assert.True(answer.Length == 0 || answer[9] is '4' or '5', answer); // a reset may overtake the answer to bytes not read
    }

    private async Task TalkAsync(Random random)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{_server}/socket"), default);
        byte[] received = new byte[4096];
        for (int i = random.Next(1, 8); i > 0; i--)
        {
            byte[] message = new byte[random.Next(4000)];
            random.NextBytes(message);
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, default);
            int length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(received.AsMemory(length), default);
                length += result.Count;
            }
            while (!result.EndOfMessage);
            Assert.Equal(message, received[..length]);
        }

        if (random.Next(3) > 0)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }
    }

    private async Task ListenAsync(Random random)
    {
        string token = NextToken();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events") { Headers = { { "X-Token", token } } };
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (int i = 0; i < random.Next(1, 50); i++)
        {
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"data: {i} {token}"), await reader.ReadLineAsync());
            Assert.Equal("", await reader.ReadLineAsync());
        }
    }

    private async Task StartAnewAsync(Random random)
    {
        using var client = new HttpClient { BaseAddress = _address };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("anew", random.Next(100).ToString(CultureInfo.InvariantCulture)));
        await Task.WhenAll(AskAsync(client), AskAsync(client), AskAsync(client));
    }

    private async Task MeetFailuresAsync(Random random)
    {
        using HttpResponseMessage response = await _client.GetAsync("/throw");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.GetStringAsync("/cut"));
        _ = random;
    }

    private string NextToken() => string.Create(CultureInfo.InvariantCulture, $"<{Interlocked.Increment(ref _tokens)}>");

    private async Task<SocketEnd> ConnectAsync() =>
        await SocketEnd.TryConnectAsync(_server) ?? throw new InvalidOperationException("The server does not accept.");

    private static void Leave(SocketEnd end, Random random)
    {
        if (random.Next(2) == 0)
        {
            end.Finish();
        }

        end.Reset();
    }

    private static async Task<string> ReceiveUntilAsync(SocketEnd end, Func<string, bool> isEnough)
    {
        var text = new StringBuilder();
        while (!isEnough(text.ToString()) && await end.ReceiveAsync() is { Length: > 0 } bytes)
        {
            text.Append(Encoding.Latin1.GetString(bytes));
        }

        return text.ToString();
    }
}
