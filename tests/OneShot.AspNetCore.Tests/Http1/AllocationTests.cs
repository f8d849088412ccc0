using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Text;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Tests.Http1.Transport;
using OneShot.AspNetCore.Tests.Requests.Bodies;

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

    private static string Browser(int i) =>
        $"Host: example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nX-Request-Id: {i:x32}\r\nCookie: session={i:x32}\r\nAccept: */*\r\nAccept-Language: en\r\n";

    [Fact]
    public Task A_tiny_GET_costs_no_managed_byte() =>
        AssertCostsAsync(0, Answer, _ => "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    [Fact]
    public Task Four_headers_read_as_spans_cost_no_managed_byte() =>
        AssertCostsAsync(0, FourSpans, i => $"GET /path HTTP/1.1\r\n{Browser(i)}\r\n");

    /// <summary>Two of them change with every request and are strings of 32 and 40 characters; the other two were seen before.</summary>
    [Fact]
    public Task Four_headers_read_as_strings_cost_the_strings_that_are_new() =>
        AssertCostsAsync(
            StringBytes(32) + StringBytes("session=".Length + 32), FourStrings, i => $"GET /path HTTP/1.1\r\n{Browser(i)}\r\n", variants: 2 * Rounds * Requests);

    [Fact]
    public Task A_body_by_its_length_costs_no_managed_byte() =>
        AssertCostsAsync(0, ReadToEnd, _ => $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{new string('b', 1000)}");

    [Fact]
    public Task A_chunked_body_costs_no_managed_byte() =>
        AssertCostsAsync(0, ReadToEnd, _ => $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n{new string('b', 500)}\r\n1f4\r\n{new string('c', 500)}\r\n0\r\n\r\n");

    [Fact]
    public Task A_body_that_is_read_into_the_arena_costs_no_managed_byte() =>
        AssertCostsAsync(0, ReadIntoArena, _ => $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{new string('b', 1000)}");

    [Fact]
    public Task A_chunked_body_that_is_read_into_the_arena_costs_no_managed_byte() =>
        AssertCostsAsync(0, ReadIntoArena, _ => $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n{new string('b', 500)}\r\n1f4\r\n{new string('c', 500)}\r\n0\r\n\r\n");

    /// <summary>The object behind the memory that the document is written in, one a block.</summary>
    [Fact]
    public Task An_answer_in_JSON_costs_one_object() =>
        AssertCostsAsync(64, context => Written(context, new Point { X = 1, Y = 2 }), _ => "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    /// <summary>The same, and the box in which the serializer fills a structure.</summary>
    [Fact]
    public Task A_value_that_is_read_from_JSON_and_answered_as_JSON_costs_two() =>
        AssertCostsAsync(64 + 24, JsonBothWays, i => $"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{{\"x\":1,\"y\":{i % 10}}}");

    [Fact]
    public Task Query_cookies_token_trace_and_a_header_that_is_found_again_cost_no_managed_byte() => AssertCostsAsync(
        0,
        HeadAsBytes,
        i => $"GET /p%61th?page=7&q=a%20b+c HTTP/1.1\r\nHost: a\r\nCookie: a=1; session={i:x32}\r\nAuthorization: Bearer {i:x32}==\r\nTraceparent: 00-{i + 1:x32}-{i + 1:x16}-01\r\nX-Id: {i:x8}\r\n\r\n");

    [Fact]
    public Task Pipelined_requests_cost_no_managed_byte() =>
        AssertCostsAsync(0, FourSpans, i => string.Concat(Enumerable.Repeat($"GET /path HTTP/1.1\r\n{Browser(i)}\r\n", 16)));

    [Fact]
    public Task HEAD_costs_no_managed_byte() =>
        AssertCostsAsync(0, Answer, _ => "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");

    [Fact]
    public Task An_answer_of_404_costs_no_managed_byte() => AssertCostsAsync(
        0,
        context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        },
        _ => "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n",
        status: "HTTP/1.1 404");

    [Fact]
    public Task A_response_in_three_chunks_costs_no_managed_byte() => AssertCostsAsync(
        0,
        context =>
        {
            for (int i = 0; i < 3; i++)
            {
                context.Response.BodyWriter.Write(s_answer);
                AssertIsDone(context.Response.BodyWriter.FlushAsync());
            }

            return Task.CompletedTask;
        },
        _ => "GET / HTTP/1.1\r\nHost: a\r\n\r\n");

    /// <summary>Both ends of the connection, and the TLS of both, are counted with it.</summary>
    [Fact]
    public async Task A_GET_over_TLS_costs_no_managed_byte()
    {
        await using FrontServer server = await FrontServer.StartAsync(FourSpans, services: Silent, front: false, endpoint: listen =>
        {
            listen.UseHttps(TestCertificate.Make());
            listen.UseOneShotHttp1();
        });
        await using InMemoryConnection client = server.Connect();
        await using SslStream tls = await client.SecureAsync();
        byte[] request = Encoding.ASCII.GetBytes($"GET /path HTTP/1.1\r\n{Browser(1)}\r\n");
        byte[] answer = new byte[1024];
        Assert.Equal(0, await Task.Run(async () =>
        {
            // As in WarmUpAsync: the server must once have waited for the client, and then answers where the client writes.
            for (int inline = 0; inline < WarmUps;)
            {
                await tls.WriteAsync(request);
                ValueTask<int> reading = tls.ReadAsync(answer);
                inline = reading.IsCompleted ? inline + 1 : 0;
                await reading;
                if (inline == 0)
                {
                    await Task.Yield();
                }
            }

            long least = long.MaxValue;
            for (int round = 0; round < Rounds; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < Requests; i++)
                {
                    await tls.WriteAsync(request);
                    int length = await tls.ReadAsync(answer);
                    Assert.True(answer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8));
                }

                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }));
    }

    private static void AssertIsDone(ValueTask<FlushResult> flush) => Assert.True(flush.IsCompletedSuccessfully);

    private static Task Answer(HttpContext context)
    {
        context.Response.ContentLength = s_answer.Length;
        context.Response.BodyWriter.Write(s_answer);
        return Task.CompletedTask;
    }

    private static Task FourSpans(HttpContext context)
    {
        var spans = context.HeaderSpans;
        int length = spans["host"u8].Length + spans["user-agent"u8].Length + spans["x-request-id"u8].Length + spans["cookie"u8].Length;
        context.Response.StatusCode = length > 0 ? 200 : 500;
        return Answer(context);
    }

    private static Task FourStrings(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        int length = headers.Host[0]!.Length + headers.UserAgent[0]!.Length + headers["X-Request-Id"][0]!.Length + headers.Cookie[0]!.Length;
        context.Response.StatusCode = length > 0 ? 200 : 500;
        return Answer(context);
    }

    private static Task ReadToEnd(HttpContext context)
    {
        PipeReader body = context.Request.BodyReader;
        ReadResult read;
        do
        {
            Assert.True(body.TryRead(out read));
            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        return Answer(context);
    }

    private static Task HeadAsBytes(HttpContext context)
    {
        HeaderHandle id = context.HeaderSpans.Handle("x-id"u8);
        bool isThere = context.QuerySpans["q"u8].SequenceEqual("a b c"u8) && !context.QuerySpans["page"u8].IsEmpty
            && context.CookieSpans["session"u8].Length == 32 && context.BearerToken.Length == 34 && context.TraceParent.IsSampled
            && context.PathSpan.SequenceEqual("/path"u8) && context.MethodSpan.SequenceEqual("GET"u8) && id.Span.Length == 8;
        context.Response.StatusCode = isThere ? 200 : 500;
        return Answer(context);
    }

    private static Task ReadIntoArena(HttpContext context)
    {
        Assert.True(Done(context.ReadBodyAsync(2000)).Span.Length == 1000);
        return Answer(context);
    }

    private static Task JsonBothWays(HttpContext context)
    {
        return Written(context, Done(context.ReadJsonAsync(OrderContext.Default.Point, 100)));
    }

    private static Task Written(HttpContext context, Point point)
    {
        Done(context.WriteJsonAsync(point, OrderContext.Default.Point));
        return Task.CompletedTask;
    }

    private static T Done<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.GetAwaiter().GetResult();
    }

    private static void Done(ValueTask task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Object header, method table, length, characters and the closing NUL, in words of 8 bytes.</summary>
    private static int StringBytes(int length) => (8 + 8 + 4 + (2 * (length + 1)) + 7) & ~7;

    private static async Task AssertCostsAsync(double bytes, RequestDelegate application, Func<int, string> request, string status = "HTTP/1.1 200", int variants = 16)
    {
        byte[][] requests = [.. Enumerable.Range(0, variants).Select(i => Encoding.ASCII.GetBytes(request(i)))];
        Assert.Equal(bytes, await MeasureAsync(application, requests, Encoding.ASCII.GetBytes(status)));
    }

    /// <summary>Bytes for each request, after the connection has warmed up.</summary>
    private static async Task<double> MeasureAsync(RequestDelegate application, byte[][] requests, byte[] status)
    {
        await using FrontServer server = await FrontServer.StartAsync(application, services: Silent);
        await using InMemoryConnection client = server.Connect();

        await WarmUpAsync(client, requests);
        return await Task.Run(() => Enumerable.Range(0, Rounds).Min(round => DriveAndCount(client, requests, round * Requests, status)));
    }

    private static void Silent(IServiceCollection services)
    {
        services.RemoveAll<ILoggerProvider>();
        services.Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.None);
    }

    /// <summary>Of several rounds the least counts: what the runtime does once, by itself, is no request's cost.</summary>
    private static double DriveAndCount(InMemoryConnection client, byte[][] requests, int first, byte[] status)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Drive(client, requests, first, status);
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

    private static void Drive(InMemoryConnection client, byte[][] requests, int first, byte[] status)
    {
        for (int i = 0; i < Requests; i++)
        {
            ValueTask<FlushResult> sent = client.Output.WriteAsync(requests[(first + i) % requests.Length]);
            Assert.True(sent.IsCompletedSuccessfully);
            if (!client.Input.TryRead(out ReadResult result) || !new SequenceReader<byte>(result.Buffer).IsNext(status))
            {
                Assert.Fail("The request was not answered on this thread.");
            }

            client.Input.AdvanceTo(result.Buffer.End);
        }
    }
}
