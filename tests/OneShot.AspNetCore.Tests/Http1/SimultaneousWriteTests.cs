using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// Two threads that write one response at once: an application's mistake, which on Kestrel mixes its writes up. Each of them arrives whole,
/// and nothing arrives that nobody has written, such as what a pooled buffer held before.
/// </summary>
public sealed partial class SimultaneousWriteTests
{
    private const int Writes = 400;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Writes_of_two_threads_arrive_whole(bool front, bool length)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                if (context.Request.Path == "/other")
                {
                    await context.Response.WriteAsync(new string('#', 5_000)); // what buffers hold afterwards
                    return;
                }

                IHttpResponseBodyFeature body = context.Features.Get<IHttpResponseBodyFeature>()!;
                context.Response.ContentLength = length ? 2 * Enumerable.Range(0, Writes).Sum(i => Piece('a', i).Length) : null;
                if (!front)
                {
                    await context.Response.StartAsync(); // Kestrel's head may come behind what the other thread writes first
                }

                await Task.WhenAll(
                    Task.Run(() => WriteAsync('a', piece => body.Stream.WriteAsync(piece))),
                    Task.Run(() => WriteAsync('b', async piece => await body.Writer.WriteAsync(piece))));
            },
            front: front);
        await using InMemoryConnection other = server.Connect();
        for (int round = 0; round < 10; round++)
        {
            await other.RoundTripAsync("GET /other HTTP/1.1\r\nHost: a\r\n\r\n");
            await using InMemoryConnection client = server.Connect();

            RawResponse response = await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

            MatchCollection pieces = Whole().Matches(response.Text);
            Assert.Equal(2 * Writes, pieces.Count);
            Assert.Equal(response.Text.Length, pieces.Sum(piece => piece.Length));
        }
    }

    /// <summary>The filter runs before the call that throws has left what it holds.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_filter_may_use_the_writer_whose_call_has_thrown(bool front)
    {
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                PipeWriter writer = context.Response.BodyWriter;
                try
                {
                    writer.Advance(int.MaxValue);
                }
                catch (Exception) when (writer.GetMemory(10).Length >= 10)
                {
                    await writer.WriteAsync("caught"u8.ToArray());
                }
            },
            front: front);
        await using InMemoryConnection client = server.Connect();

        Assert.Equal("caught", (await client.RoundTripAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n").WaitAsync(Limits.Patience)).Text);
    }

    [GeneratedRegex("<a+>|<b+>")]
    private static partial Regex Whole();

    private static byte[] Piece(char letter, int i) => Encoding.ASCII.GetBytes("<" + new string(letter, 1 + (i * 7 % 300)) + ">");

    private static async Task WriteAsync(char letter, Func<byte[], ValueTask> write)
    {
        for (int i = 0; i < Writes; i++)
        {
            await write(Piece(letter, i));
        }
    }
}
