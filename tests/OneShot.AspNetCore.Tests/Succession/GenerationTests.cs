using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;

namespace OneShot.AspNetCore.Tests.Succession;

/// <summary>Servers that succeed each other on the same listening sockets while clients of all kinds go on: none of them notices.</summary>
public class GenerationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clients_of_all_kinds_go_from_one_generation_to_the_next_and_no_request_fails(bool onTransport)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Listening sockets are handed on on Linux.");
        using X509Certificate2 certificate = TestCertificate.Make();
        Channel<Generation> successors = Channel.CreateUnbounded<Generation>();
        Generation generation = await Generation.StartAsync(1, onTransport, certificate, inherited: null, next => successors.Writer.TryWrite(next));
        Uri[] addresses = generation.Addresses;
        Client[] clients =
        [
            new("keep-alive", addresses[0], HttpVersion.Version11, keepAlive: true),
            new("a connection a request", addresses[0], HttpVersion.Version11, keepAlive: false),
            new("TLS, keep-alive", addresses[1], HttpVersion.Version11, keepAlive: true),
            new("TLS, a connection a request", addresses[1], HttpVersion.Version11, keepAlive: false),
            new("HTTP/2", addresses[1], HttpVersion.Version20, keepAlive: true),
        ];
        try
        {
            for (int number = 1; number <= 2; number++)
            {
                using ClientWebSocket old = await SocketAsync(addresses[0]);
                Assert.Equal([(byte)number, 7], await EchoAsync(old));
                Assert.All(await Task.WhenAll(clients.Select(static client => client.AskAsync())), answer => Assert.Equal(number, answer));

                generation.Fill();
                Task[] loads = [.. clients.Select(client => client.AskUntilAsync(number + 1))];
                Generation next = await successors.Reader.ReadAsync(Cancel);
                Assert.Equal(addresses, next.Addresses);
                await Task.WhenAll(loads);

                // What is long stays until the process ends, and is told.
                using ClientWebSocket fresh = await SocketAsync(addresses[0]);
                Assert.Equal([(byte)(number + 1), 7], await EchoAsync(fresh));
                byte[] last = new byte[16];
                while ((await old.ReceiveAsync(last.AsMemory(), Cancel)).MessageType != WebSocketMessageType.Close)
                {
                }

                Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, old.CloseStatus);
                await old.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
                await generation.Stopped.WaitAsync(Cancel);
                await generation.DisposeAsync();
                generation = next;
                await fresh.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
            }

            Assert.All(await Task.WhenAll(clients.Select(static client => client.AskAsync())), static answer => Assert.Equal(3, answer));
        }
        finally
        {
            foreach (Client client in clients)
            {
                client.Dispose();
            }

            await generation.DisposeAsync();
        }
    }

    private static async Task<ClientWebSocket> SocketAsync(Uri address)
    {
        ClientWebSocket socket = new();
        socket.Options.Proxy = null;
        await socket.ConnectAsync(new UriBuilder(address) { Scheme = "ws", Path = "/socket" }.Uri, Cancel);
        return socket;
    }

    private static async Task<byte[]> EchoAsync(ClientWebSocket socket)
    {
        await socket.SendAsync(new byte[] { 7 }, WebSocketMessageType.Binary, endOfMessage: true, Cancel);
        byte[] received = new byte[16];
        ValueWebSocketReceiveResult result = await socket.ReceiveAsync(received.AsMemory(), Cancel);
        return received[..result.Count];
    }

    /// <summary>Asks which generation answers, again and again; any failure ends the test.</summary>
    private sealed class Client(string name, Uri address, Version version, bool keepAlive) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = TestCertificate.IsOne },
        });

        public async Task<int> AskAsync()
        {
            using HttpRequestMessage request = new(HttpMethod.Get, address) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.ConnectionClose = keepAlive ? null : true;
            try
            {
                using HttpResponseMessage response = await _http.SendAsync(request, Cancel);
                return int.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancel), CultureInfo.InvariantCulture);
            }
            catch (HttpRequestException exception)
            {
                throw new InvalidOperationException($"{name}: {exception.Message}", exception);
            }
        }

        public async Task AskUntilAsync(int generation)
        {
            while (await AskAsync() < generation)
            {
                await Task.Delay(1, Cancel);
            }
        }

        public void Dispose() => _http.Dispose();
    }
}
