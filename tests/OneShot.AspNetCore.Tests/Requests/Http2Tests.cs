using System.Net;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Tests.Requests;

public class Http2Tests
{
    [Fact]
    public async Task Over_HTTP2_the_spans_are_filled_from_what_Kestrel_parsed()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOneShotArena();
        builder.WebHost.UseOneShotHttp1();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.Run(context => context.Response.WriteAsync(
            $"{context.Request.Protocol}|{Encoding.UTF8.GetString(context.HeaderSpans["X-Probe"u8])}|{Encoding.UTF8.GetString(context.HeaderSpans["host"u8])}"));
        await app.StartAsync(TestContext.Current.CancellationToken);

        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
        for (int i = 0; i < 3; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add("x-probe", $"value {i}");
            HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(
                $"HTTP/2|value {i}|{client.BaseAddress.Authority}",
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }
}
