using System.Text;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// A head that cannot be written, here because the encoding that the application has chosen refuses a value: nothing of it is on its way, and its request
/// gets an error of its own, never the answer to the next.
/// </summary>
public sealed class UnwritableHeadTests
{
    private static readonly Dictionary<string, RequestDelegate> s_applications = new()
    {
        ["writes"] = context => context.Response.WriteAsync("lost"),
        ["swallows"] = async context =>
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => context.Response.WriteAsync("lost"));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => context.Response.WriteAsync("lost"));
        },
        ["does not await"] = context =>
        {
            _ = context.Response.WriteAsync("lost");
            return Task.CompletedTask;
        },
        ["starts"] = context => context.Response.StartAsync(),
        ["completes"] = context => context.Response.CompleteAsync(),
        ["does nothing"] = static _ => Task.CompletedTask,
        ["writes early"] = context =>
        {
            context.Response.BodyWriter.GetSpan(4);
            context.Response.BodyWriter.Advance(4);
            return Task.CompletedTask;
        },
        ["waits"] = async context =>
        {
            await Task.Yield();
            await context.Response.WriteAsync("lost");
        },
        ["calls back"] = context =>
        {
            context.Response.OnStarting(static () => Task.CompletedTask);
            return context.Response.WriteAsync("lost");
        },
        ["has a length"] = context =>
        {
            context.Response.ContentLength = 4;
            return context.Response.WriteAsync("lost");
        },
    };

    public static TheoryData<string> Applications => [.. s_applications.Keys];

    [Theory]
    [MemberData(nameof(Applications))]
    public async Task Its_request_gets_an_error_and_the_next_its_own_answer(string name)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                if (context.Request.Path == "/next")
                {
                    return context.Response.WriteAsync("next");
                }

                context.Response.Headers["X-Name"] = "\ud800"; // half of a pair
                return s_applications[name](context);
            },
            kestrel: static options => options.ResponseHeaderEncodingSelector = static _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");

        RawResponse first = await RawResponse.ReadAsync(client.Input);
        RawResponse next = await RawResponse.ReadAsync(client.Input);

        Assert.Equal((500, ""), (first.Status, first.Text));
        Assert.Equal((200, "next"), (next.Status, next.Text));
    }
}
