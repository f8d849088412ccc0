using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// Managed bytes for each request on a kept-alive connection, exactly: they repeat where nanoseconds do not.
/// The transport is inline, so the whole request runs on the test's own thread and is counted there.
/// </summary>
public sealed class AllocationTests
{
    private const int WarmUps = 500;
    private const int Requests = 1000;
    private const int Rounds = 5;

    private static readonly byte[] s_answer = "ok"u8.ToArray();

    private static Task FourSpans(HttpContext context)
    {
        var spans = context.HeaderSpans;
        int length = spans["host"u8].Length + spans["user-agent"u8].Length + spans["x-request-id"u8].Length + spans["cookie"u8].Length;
        context.Response.StatusCode = length > 0 ? 200 : 500;
        context.Response.ContentLength = s_answer.Length;
        context.Response.BodyWriter.Write(s_answer);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Four_headers_read_as_spans_cost_no_managed_byte()
    {
        byte[][] requests =
        [
            .. Enumerable.Range(0, 16).Select(i => Encoding.ASCII.GetBytes(
                $"GET /path HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nX-Request-Id: {i:x32}\r\nCookie: session={i:x32}\r\nAccept: */*\r\n\r\n")),
        ];

        Assert.Equal(0, await MeasureAsync(FourSpans, requests));
    }

    /// <summary>Bytes for each request, after the connection has warmed up.</summary>
    private static async Task<double> MeasureAsync(RequestDelegate application, byte[][] requests)
    {
        await using FrontServer server = await FrontServer.StartAsync(application, services: services =>
        {
            services.RemoveAll<ILoggerProvider>();
            services.Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.None);
        });
        await using InMemoryConnection client = server.Connect();

        await WarmUpAsync(client, requests);
        return await Task.Run(() => Enumerable.Range(0, Rounds).Min(_ => DriveAndCount(client, requests)));
    }

    /// <summary>Of several rounds the least counts: what the runtime does once, by itself, is no request's cost.</summary>
    private static double DriveAndCount(InMemoryConnection client, byte[][] requests)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Drive(client, requests, Requests);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Requests;
    }

    /// <summary>
    /// The first request is accepted on the thread pool, and so may be the next: until the server has once waited for the
    /// client. From then on it runs where the client writes.
    /// </summary>
    private static async Task WarmUpAsync(InMemoryConnection client, byte[][] requests)
    {
        for (int inline = 0; inline < WarmUps;)
        {
            await client.SendAsync(requests[inline % requests.Length]);
            inline = client.Input.TryRead(out ReadResult result) ? inline + 1 : 0;
            if (inline == 0)
            {
                result = await client.Input.ReadAsync().AsTask().WaitAsync(Limits.Patience);
                await Task.Yield(); // lets the server get from its answer to its next wait
            }

            client.Input.AdvanceTo(result.Buffer.End);
        }
    }

    private static void Drive(InMemoryConnection client, byte[][] requests, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ValueTask<FlushResult> sent = client.Output.WriteAsync(requests[i % requests.Length]);
            Assert.True(sent.IsCompletedSuccessfully);
            if (!client.Input.TryRead(out ReadResult result) || !new SequenceReader<byte>(result.Buffer).IsNext("HTTP/1.1 200"u8))
            {
                Assert.Fail("The request was not answered on this thread.");
            }

            client.Input.AdvanceTo(result.Buffer.End);
        }
    }
}
