using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using OneShot.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>Who serves: the front, whose bytes lie in the arena, or one that has made strings of them.</summary>
public enum ServerKind
{
    Front,
    Kestrel,
    Http2,
    TestServer,
}

/// <summary>An application behind each of the servers that it must not be able to tell apart.</summary>
internal sealed class AnyServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AnyServer(WebApplication app, HttpClient client)
    {
        _app = app;
        Client = client;
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<AnyServer> StartAsync(
        ServerKind kind,
        RequestDelegate application,
        Action<OneShotOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? pipeline = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOneShotArena(configured =>
        {
            configured.Capacity = 32 << 20;
            options?.Invoke(configured);
        });
        services?.Invoke(builder.Services);
        if (kind == ServerKind.TestServer)
        {
            builder.WebHost.UseTestServer();
        }
        else
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                endpoint.Protocols = kind == ServerKind.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
                if (kind == ServerKind.Front)
                {
                    endpoint.UseOneShotHttp1();
                }
            }));
        }

        WebApplication app = builder.Build();
        pipeline?.Invoke(app);
        app.Run(application);
        await app.StartAsync(TestContext.Current.CancellationToken);
        HttpClient client = kind == ServerKind.TestServer ? app.GetTestClient() : new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        client.DefaultRequestVersion = kind == ServerKind.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return new AnyServer(app, client);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Client.SendAsync(request, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> GetAsync(string target, params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = Message(HttpMethod.Get, target);
        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(byte[] body, bool chunked = false, string? type = null, string target = "/")
    {
        HttpRequestMessage request = Message(HttpMethod.Post, target);
        request.Content = chunked ? new StreamContent(new NoLength(body)) : new ByteArrayContent(body);
        if (type is not null)
        {
            Assert.True(request.Content.Headers.TryAddWithoutValidation("Content-Type", type));
        }

        return SendAsync(request);
    }

    public static Task<string> TextOf(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private HttpRequestMessage Message(HttpMethod method, string target) => new(method, target)
    {
        Version = Client.DefaultRequestVersion,
        VersionPolicy = Client.DefaultVersionPolicy,
    };

    /// <summary>A stream whose length nobody knows before its end.</summary>
    private sealed class NoLength(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanSeek => false;
    }
}
