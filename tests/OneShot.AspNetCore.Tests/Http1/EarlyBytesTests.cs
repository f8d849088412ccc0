using System.Buffers;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Bytes written before the head stand in the transport's buffer, behind room for the head: whatever comes of it, they arrive as written.</summary>
public sealed class EarlyBytesTests
{
    /// <summary>Around every size at which they move: no room for the head, none for the body, more than a block.</summary>
    public static TheoryData<int, int> Sizes => new MatrixTheoryData<int, int>(
        [0, 1, 300, 500, 600, 5000], [1, 2, 15, 16, 17, 2040, 2048, 2049, 3000, 3579, 3582, 3583, 4096, 9000]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Head_and_body_of_any_size_arrive_whole(int headerSize, int bodySize)
    {
        byte[] body = [.. Enumerable.Range(0, bodySize).Select(i => (byte)('a' + (i % 26)))];
        bool withLength = false;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            foreach (byte[] piece in body.Chunk(700))
            {
                piece.CopyTo(context.Response.BodyWriter.GetSpan(piece.Length));
                context.Response.BodyWriter.Advance(piece.Length);
            }

            if (headerSize > 0)
            {
                context.Response.Headers["X-Long"] = new string('v', headerSize); // after the bytes, before the head
            }

            if (withLength)
            {
                context.Response.ContentLength = bodySize;
            }

            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();
        for (int i = 0; i < 4; i++)
        {
            withLength = i % 2 == 0;
            RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal(System.Text.Encoding.ASCII.GetString(body), response.Text);
            Assert.Equal(headerSize, response["X-Long"]?.Length ?? 0);
            Assert.Equal(withLength ? null : "chunked", response["Transfer-Encoding"]);
        }
    }

    [Fact]
    public async Task An_answer_to_HEAD_has_the_head_and_none_of_the_bytes()
    {
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.ContentLength = 4;
            context.Response.BodyWriter.Write("body"u8);
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        RawResponse head = await client.RoundTripAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", toHead: true);
        RawResponse next = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("4", head["Content-Length"]);
        Assert.Equal("body", next.Text);
    }

    [Fact]
    public async Task Bytes_that_an_error_overtakes_are_gone()
    {
        bool fails = true;
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.BodyWriter.Write(fails ? "secret"u8 : "fine"u8);
            return fails ? throw new InvalidOperationException("after writing") : Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        RawResponse failed = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        fails = false;
        RawResponse next = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal((500, ""), (failed.Status, failed.Text));
        Assert.Equal("fine", next.Text);
    }

    [Fact]
    public async Task More_can_be_written_behind_them_once_the_response_has_started()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            context.Response.BodyWriter.Write("early,"u8);
            await context.Response.StartAsync();
            context.Response.BodyWriter.Write("late,"u8);
            await context.Response.BodyWriter.FlushAsync();
            await context.Response.WriteAsync("last");
        });
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("early,late,last", (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    [Fact]
    public async Task An_interim_answer_goes_before_them()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            context.Response.BodyWriter.Write("before:"u8);
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync(toHead: true)).Status);
        await client.SendAsync("body");
        Assert.Equal("before:body", (await client.ReadResponseAsync()).Text);
    }
}
