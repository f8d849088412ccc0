using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>CONNECT asks for a tunnel: what the client sends behind it is no request, whether or not it gets one.</summary>
public sealed class ConnectTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(205)]
    [InlineData(299)]
    [InlineData(304)]
    [InlineData(403)]
    [InlineData(405)]
    [InlineData(500)]
    public async Task An_answer_to_CONNECT_is_the_last_and_what_came_behind_the_request_is_never_served(int status)
    {
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        RawResponse response = await client.ReadResponseAsync(toHead: true);

        Assert.Equal(status, response.Status);
        Assert.True(response.SaysClose);
        Assert.Equal(status is < 300 or 304 ? null : "0", response["Content-Length"]);
        Assert.Null(response["Transfer-Encoding"]);
        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(205)]
    public async Task A_length_of_zero_that_the_application_sets_on_a_2xx_to_CONNECT_is_not_sent(int status)
    {
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentLength = 0;
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
        RawResponse response = await client.ReadResponseAsync(toHead: true);

        Assert.Equal(status, response.Status);
        Assert.Null(response["Content-Length"]);
        Assert.True(response.SaysClose);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_205_to_another_method_says_that_it_has_no_body(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                context.Response.StatusCode = 205;
                return Task.CompletedTask;
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("0", response["Content-Length"]);
        Assert.False(response.SaysClose);
    }
}
