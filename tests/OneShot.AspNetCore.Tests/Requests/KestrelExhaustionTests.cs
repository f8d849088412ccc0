using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>A full arena over a real socket must look the same whoever parsed the request.</summary>
public class KestrelExhaustionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, HttpProtocols.Http1)]
    [InlineData(false, HttpProtocols.Http1)]
    [InlineData(true, HttpProtocols.Http2)]
    public async Task Under_Reject_a_full_arena_answers_503(bool front, HttpProtocols protocols)
    {
        await using WebApplication app = await StartAsync(front, protocols, _ => throw new InvalidOperationException("The application must not run."));
        ProcessArena process = app.Services.GetRequiredService<ProcessArena>();
        while (process.TryAllocate(8, out _))
        {
        }

        await AssertRejectedAsync(app, protocols);
    }

    [Theory]
    [InlineData(true, HttpProtocols.Http1)]
    [InlineData(false, HttpProtocols.Http1)]
    [InlineData(true, HttpProtocols.Http2)]
    public async Task Under_Reject_a_request_that_needs_more_than_there_is_gets_503(bool front, HttpProtocols protocols)
    {
        await using WebApplication app = await StartAsync(front, protocols, context =>
        {
            context.Arena.Allocate<byte>(1 << 20);
            return Task.CompletedTask;
        });

        await AssertRejectedAsync(app, protocols);
        await AssertRejectedAsync(app, protocols);
    }

    private static async Task<WebApplication> StartAsync(bool front, HttpProtocols protocols, RequestDelegate application)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOneShotArena(options => (options.Capacity, options.Exhaustion) = (256 << 10, ArenaExhaustion.Reject));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = protocols;
            if (front)
            {
                endpoint.UseOneShotHttp1();
            }
        }));
        WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(application);
        await app.StartAsync(Cancel);
        return app;
    }

    private static async Task AssertRejectedAsync(WebApplication app, HttpProtocols protocols)
    {
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Get, app.Urls.Single())
        {
            Version = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        HttpResponseMessage response = await client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("Retry-After")));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }
}
