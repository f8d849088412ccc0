using System.Text;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1.KestrelFacts;

/// <summary><c>AllowHostHeaderOverride</c>: a proxy's absolute target says whom the request is for, whatever Host says.</summary>
public sealed class HostOverrideTests
{
    [Theory]
    [InlineData("http://b/x", "b")]
    [InlineData("http://b:80/x", "b")]
    [InlineData("http://b:81/x", "b:81")]
    [InlineData("http://b:443/x", "b:443")]
    [InlineData("https://b:443/x", "b")]
    [InlineData("http://[::1]:80/x?q", "[::1]")]
    public async Task The_host_is_the_targets_without_the_port_that_goes_without_saying(string target, string host)
    {
        foreach (bool front in new[] { false, true })
        {
            await using FrontServer server = await FrontServer.StartAsync(
                context => context.Response.WriteAsync(
                    $"{context.Request.Host} {context.Request.Headers.Host} {context.Request.Headers["host"]} {context.Request.Headers.Count}"
                    + $"{(front ? " " + Encoding.ASCII.GetString(context.HeaderSpans["host"u8]) : "")}"),
                kestrel: options => options.AllowHostHeaderOverride = true,
                front: front);
            await using InMemoryConnection client = server.Connect();

            for (int i = 0; i < 2; i++)
            {
                RawResponse response = await client.RoundTripAsync($"GET {target} HTTP/1.1\r\nX-Before: 1\r\nHost: a\r\nX-After: 2\r\n\r\n");
                Assert.Equal(front ? $"{host} {host} {host} 3 {host}" : $"{host} {host} {host} 3", response.Text);
                Assert.Equal(front ? "a a a 1 a" : "a a a 1", (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
            }
        }
    }
}
