using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Real sockets, a real client, ordinary application code.</summary>
public abstract class SocketTests(bool isOnOneShotTransport) : IAsyncLifetime
{
    private WebApplication _app = null!;
    private HttpClient _http1 = null!;
    private Uri _http2 = null!;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddOneShotArena(options => options.Capacity = 16 * 1024 * 1024);
        builder.WebHost.UseOneShotHttp1();
        if (isOnOneShotTransport)
        {
            builder.WebHost.UseOneShotTransport();
        }

        _app = builder.Build();
        _app.UseOneShotArena();
        _app.MapGet("/items/{id:int}", (int id, string? q, HttpContext context) =>
            Results.Json(new Item(id, q, context.HeaderSpans["x-probe"u8].Length, context.Request.Protocol)));
        _app.MapPost("/items", (Item item) => Results.Created($"/items/{item.Id}", item));
        _app.MapPost("/echo", async context => await context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter));
        await _app.StartAsync();
        string[] addresses = [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        _http1 = new HttpClient { BaseAddress = new Uri(addresses[0]) };
        _http2 = new Uri(addresses[1]);
    }

    public async ValueTask DisposeAsync()
    {
        _http1.Dispose();
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Minimal_apis_bind_routes_queries_and_bodies()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/items/42?q=a%20b") { Headers = { { "X-Probe", "12345" } } };
        Item? item = await (await _http1.SendAsync(request)).Content.ReadFromJsonAsync<Item>();
        Assert.Equal(new Item(42, "a b", 5, "HTTP/1.1"), item);

        HttpResponseMessage created = await _http1.PostAsJsonAsync("/items", item);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(item, await created.Content.ReadFromJsonAsync<Item>());
        Assert.Equal(HttpStatusCode.NotFound, (await _http1.GetAsync("/nothing")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _http1.DeleteAsync("/items/42")).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_body_comes_back_whole(bool chunked)
    {
        byte[] body = new byte[5_000_000];
        new Random(1).NextBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;

        HttpResponseMessage response = await _http1.SendAsync(request);

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public Task Many_clients_at_once_get_their_own_answers() => AskAtOnceAsync(_http1, "HTTP/1.1");

    /// <summary>One connection with many streams, whose answers go out by flushes of their own: Kestrel's, with an arena all the same.</summary>
    [Fact]
    public async Task Many_streams_of_one_connection_get_their_own_answers()
    {
        using var client = new HttpClient
        {
            BaseAddress = _http2,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        await AskAtOnceAsync(client, "HTTP/2");
    }

    private static Task AskAtOnceAsync(HttpClient client, string protocol) =>
        Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, cancellation) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/items/{i}?q=q{i}")
            {
                Version = client.DefaultRequestVersion,
                VersionPolicy = client.DefaultVersionPolicy,
                Headers = { { "X-Probe", new string('x', i % 50) } },
            };
            using HttpResponseMessage response = await client.SendAsync(request, cancellation);
            Assert.Equal(new Item(i, $"q{i}", i % 50, protocol), await response.Content.ReadFromJsonAsync<Item>(cancellation));
        });

    [Fact]
    public async Task Http1_on_an_endpoint_that_speaks_only_http2_is_Kestrels_to_refuse()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_http2.Host, _http2.Port);
        await socket.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(socket.GetStream());

        string answer = await reader.ReadToEndAsync().WaitAsync(Transport.Limits.Patience);

        Assert.DoesNotContain("200", answer, StringComparison.Ordinal);
    }

    internal sealed record Item(int Id, string? Query, int Probe, string Protocol);
}

/// <summary>As Kestrel has it.</summary>
public sealed class KestrelTransportSocketTests() : SocketTests(isOnOneShotTransport: false);

/// <summary>On the event loops of OneShot.Transport.</summary>
public sealed class OneShotTransportSocketTests() : SocketTests(isOnOneShotTransport: true);
