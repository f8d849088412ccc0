using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary><c>kestrel.connection.duration</c> of the same conversation over sockets, with stock Kestrel and with the front: the same tags.</summary>
public sealed class ConnectionMetricsTests : IAsyncLifetime
{
    private const string Host = "\r\nHost: a\r\n";

    private static readonly X509Certificate2 s_certificate = TestCertificate.Make();

    private readonly ConcurrentQueue<Dictionary<string, object?>> _ended = new();
    private readonly MeterListener _listener = new();
    private WebApplication _app = null!;

    // Stock Kestrel and the front in turn: plain, over TLS without an agreed protocol (the front is handed over to), with one.
    private int[] _ports = null!;

    public static TheoryData<string, string, string?> Conversations => new()
    {
        { "a request and the end", $"GET / HTTP/1.1{Host}Connection: close\r\n\r\n", null },
        { "a request of 1.0", "GET / HTTP/1.0\r\n\r\n", null },
        { "an exception before the response", $"GET /throw HTTP/1.1{Host}Connection: close\r\n\r\n", null },
        { "no request", "", null },
        { "no request line", "x\r\n\r\n", "invalid_request_line" },
        { "a line too long", $"GET /{new string('a', 9000)} HTTP/1.1{Host}\r\n", "invalid_request_line" },
        { "another version", $"GET / HTTP/1.2{Host}\r\n", "invalid_http_version" },
        { "no colon", $"GET / HTTP/1.1{Host}x\r\n\r\n", "invalid_request_headers" },
        { "no Host", "GET / HTTP/1.1\r\n\r\n", "invalid_request_headers" },
        { "two lengths", $"POST / HTTP/1.1{Host}Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "invalid_request_headers" },
        { "no chunked last", $"POST / HTTP/1.1{Host}Transfer-Encoding: gzip\r\n\r\n", "other_error" },
        { "an asterisk", $"GET * HTTP/1.1{Host}\r\n", "invalid_request_headers" },
        { "large headers", $"GET / HTTP/1.1{Host}x: {new string('a', 40_000)}\r\n\r\n", "max_request_headers_total_size_exceeded" },
        { "many headers", $"GET / HTTP/1.1{Host}{string.Concat(Enumerable.Repeat("x: 1\r\n", 101))}\r\n", "max_request_header_count_exceeded" },
        { "a large body", $"POST /read HTTP/1.1{Host}Content-Length: 40000000\r\n\r\n", "max_request_body_size_exceeded" },
        { "a bad chunk", $"POST /read HTTP/1.1{Host}Transfer-Encoding: chunked\r\n\r\nx\r\n", "other_error" },
        { "half a body", $"POST /read HTTP/1.1{Host}Content-Length: 5\r\n\r\nabc", "unexpected_end_of_request_content" },
        { "bad to the application", $"GET /bad HTTP/1.1{Host}\r\n", "other_error" },
        { "an abort", $"GET /abort HTTP/1.1{Host}\r\n", "aborted_by_app" },
        { "an exception within the response", $"GET /throw-late HTTP/1.1{Host}\r\n", "error_after_starting_response" },
        { "less than promised", $"GET /short HTTP/1.1{Host}\r\n", "response_content_length_mismatch" },
        { "a reader that is left unadvanced", "POST /leave HTTP/1.0\r\nContent-Length: 5\r\n\r\nabc\r\n", "invalid_body_reader_state" },
        { "more than promised", $"GET /long HTTP/1.1{Host}\r\n", "response_content_length_mismatch" },
    };

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.Services.AddOneShotArena(options =>
        {
            options.Capacity = 4 * 1024 * 1024;
            options.Exhaustion = ArenaExhaustion.Reject;
        });
        builder.WebHost.ConfigureKestrel(options =>
        {
            foreach (bool tls in new[] { false, true, true })
            {
                foreach (bool front in new[] { false, true })
                {
                    options.Listen(IPAddress.Loopback, 0, endpoint =>
                    {
                        if (tls)
                        {
                            endpoint.UseHttps(s_certificate);
                        }

                        if (front)
                        {
                            endpoint.UseOneShotHttp1();
                        }
                    });
                }
            }
        });
        _app = builder.Build();
        _app.Run(RunAsync);
        object meters = _app.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "kestrel.connection.duration" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => _ended.Enqueue(new Dictionary<string, object?>(tags.ToArray())));
        _listener.Start();
        await _app.StartAsync();
        _ports = [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port)];
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _listener.Dispose();
    }

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task A_connection_is_tagged_as_on_Kestrel(string conversation, string request, string? error)
    {
        await TalkToAllAsync(request);

        List<string> tags = [.. _ports.Select(TagsOf)];
        for (int i = 0; i < tags.Count; i += 2)
        {
            Assert.True(tags[i] == tags[i + 1], $"{conversation}: Kestrel {tags[i]}, the front {tags[i + 1]}");
        }

        Assert.Equal(error, _ended.First().GetValueOrDefault("error.type"));
    }

    [Fact]
    public async Task A_request_that_a_full_arena_refuses_is_tagged_by_the_front_and_once_over_TLS_too()
    {
        using var filler = new Arena(_app.Services.GetRequiredService<ProcessArena>());
        Assert.Throws<ArenaExhaustedException>(Fill);

        await TalkToAllAsync($"GET / HTTP/1.1{Host}Connection: close\r\n\r\n");

        for (int i = 0; i < _ports.Length; i += 2)
        {
            // Kestrel's requests are refused by the middleware, with a 503 like any other.
            Assert.Equal("error.type=arena_full, " + TagsOf(_ports[i]), TagsOf(_ports[i + 1]));
        }

        void Fill()
        {
            while (true)
            {
                filler.Allocate<byte>(1024);
            }
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("")]
    public async Task An_idle_connection_that_its_client_resets_is_tagged_as_on_Kestrel(string request)
    {
        foreach (int port in _ports[..2])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            if (request.Length > 0)
            {
                await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
                await client.GetStream().ReadAtLeastAsync(new byte[4096], 50, throwOnEndOfStream: false);
            }

            client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await Eventually.HoldsAsync(() => _ended.Count == 2);
        Assert.Equal(TagsOf(_ports[0]), TagsOf(_ports[1]));
    }

    private string TagsOf(int port) => string.Join(", ", _ended
        .Single(tags => Equals(tags["server.port"], port))
        .Where(tag => tag.Key != "server.port")
        .OrderBy(tag => tag.Key, StringComparer.Ordinal)
        .Select(tag => $"{tag.Key}={tag.Value}"));

    private async Task TalkToAllAsync(string request)
    {
        for (int i = 0; i < _ports.Length; i++)
        {
            await TalkAsync(_ports[i], request, isTls: i >= 2, i >= 4 ? [SslApplicationProtocol.Http11] : null);
        }

        await Eventually.HoldsAsync(() => _ended.Count == _ports.Length);
    }

    private static async Task TalkAsync(int port, string request, bool isTls, List<SslApplicationProtocol>? protocols)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            Stream stream = client.GetStream();
            if (isTls)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    RemoteCertificateValidationCallback = TestCertificate.IsOne,
                    ApplicationProtocols = protocols,
                });
                stream = tls;
            }

            await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
            if (!request.EndsWith("\r\n", StringComparison.Ordinal))
            {
                client.Client.Shutdown(SocketShutdown.Send); // there is no more of it
            }

            await stream.CopyToAsync(Stream.Null).WaitAsync(Limits.Patience);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // A server that ends the connection with bytes unread resets it.
        }
    }

    private static async Task RunAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/read":
                await context.Request.Body.CopyToAsync(Stream.Null);
                break;
            case "/leave":
                await context.Request.BodyReader.ReadAsync();
                break;
            case "/throw":
                throw new InvalidOperationException();
            case "/bad":
                throw new Microsoft.AspNetCore.Http.BadHttpRequestException("bad");
            case "/abort":
                context.Abort();
                break;
            case "/throw-late":
                await context.Response.WriteAsync("x");
                throw new InvalidOperationException();
            case "/short":
                context.Response.ContentLength = 10;
                await context.Response.WriteAsync("x");
                break;
            case "/long":
                context.Response.ContentLength = 1;
                await context.Response.WriteAsync("xx");
                break;
        }
    }
}
