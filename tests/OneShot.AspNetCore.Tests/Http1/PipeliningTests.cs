using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>Responses to requests that are here together go out together; but none that is ready waits for one that is not.</summary>
public sealed class PipeliningTests
{
    private static Task Name(HttpContext context) => context.Response.WriteAsync(context.Request.Path.Value!);

    [Fact]
    public async Task Requests_that_come_together_are_answered_together()
    {
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.ContentLength = 2;
            "ok"u8.CopyTo(context.Response.BodyWriter.GetSpan(2));
            context.Response.BodyWriter.Advance(2);
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();
        await client.RoundTripAsync(Path("first")); // from here on the server runs where the client writes

        await client.SendAsync(string.Concat(Enumerable.Range(0, 16).Select(i => Path(i.ToString(CultureInfo.InvariantCulture)))));
        ReadResult read = await client.Input.ReadAsync();

        Assert.Equal(16, Encoding.ASCII.GetString(read.Buffer).Split("HTTP/1.1 200 OK").Length - 1);
    }

    [Fact]
    public async Task A_response_that_is_ready_does_not_wait_for_an_application_that_waits()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                await release.Task;
            }

            await Name(context);
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Path("quick") + Path("slow") + Path("last"));
        Assert.Equal("/quick", (await client.ReadResponseAsync()).Text);
        release.SetResult();
        Assert.Equal("/slow", (await client.ReadResponseAsync()).Text);
        Assert.Equal("/last", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Memory_got_before_the_application_waited_is_still_the_responses()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            Memory<byte> memory = context.Response.BodyWriter.GetMemory(16);
            await Task.Yield();
            int length = Encoding.ASCII.GetBytes(context.Request.Path.Value!, memory.Span);
            context.Response.BodyWriter.Advance(length);
        });
        await using InMemoryConnection client = server.Connect();

        for (int round = 0; round < 50; round++)
        {
            await client.SendAsync(Path("one") + Path("two") + Path("three"));
            Assert.Equal("/one", (await client.ReadResponseAsync()).Text);
            Assert.Equal("/two", (await client.ReadResponseAsync()).Text);
            Assert.Equal("/three", (await client.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task A_response_that_is_ready_does_not_wait_for_the_rest_of_the_next_head()
    {
        await using FrontServer server = await FrontServer.StartAsync(Name);
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Path("whole") + "GET /half HTTP/1.1\r\nHo");
        Assert.Equal("/whole", (await client.ReadResponseAsync()).Text);
        await client.SendAsync("st: a\r\n\r\n");
        Assert.Equal("/half", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_response_that_is_ready_goes_out_before_the_refusal_of_the_next_request()
    {
        await using FrontServer server = await FrontServer.StartAsync(Name);
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Path("good") + "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        Assert.Equal("/good", (await client.ReadResponseAsync()).Text);
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task A_response_that_is_ready_reaches_a_client_that_has_sent_its_last()
    {
        await using FrontServer server = await FrontServer.StartAsync(Name);
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Path("one") + Path("two") + "GET /cut");
        await client.FinishSendingAsync();
        Assert.Equal("/one", (await client.ReadResponseAsync()).Text);
        Assert.Equal("/two", (await client.ReadResponseAsync()).Text);
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task What_is_to_be_called_when_a_response_is_out_is_called_when_it_is()
    {
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.OnCompleted(() => received.Task); // a response held back until after this would never come
            context.Response.BodyWriter.Write("body"u8);
            return Task.CompletedTask;
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Path("one") + Path("two"));
        Assert.Equal("body", (await client.ReadResponseAsync()).Text);
        received.SetResult();
        Assert.Equal("body", (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("complete")]
    [InlineData("start")]
    [InlineData("starting")]
    public async Task A_response_that_is_ready_waits_for_nothing_the_application_awaits(string way)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            if (context.Request.Path == "/quick")
            {
                context.Response.BodyWriter.Write("/quick"u8);
                return Task.CompletedTask;
            }

            return way switch
            {
                "complete" => CompleteThenWaitAsync(context),
                "start" => StartThenWaitAsync(context),
                _ => WaitInOnStarting(context),
            };
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Path("quick") + Path("waits") + Path("quick"));
        Assert.Equal("/quick", (await client.ReadResponseAsync()).Text);
        if (way == "complete")
        {
            Assert.Equal("done", (await client.ReadResponseAsync()).Text);
            gate.SetResult();
        }
        else
        {
            gate.SetResult();
            Assert.Equal("done", (await client.ReadResponseAsync()).Text);
        }

        Assert.Equal("/quick", (await client.ReadResponseAsync()).Text);

        async Task CompleteThenWaitAsync(HttpContext context)
        {
            context.Response.BodyWriter.Write("done"u8);
            await context.Response.CompleteAsync();
            await gate.Task;
        }

        async Task StartThenWaitAsync(HttpContext context)
        {
            await context.Response.StartAsync();
            await gate.Task;
            context.Response.BodyWriter.Write("done"u8);
        }

        Task WaitInOnStarting(HttpContext context)
        {
            context.Response.OnStarting(() => gate.Task);
            context.Response.BodyWriter.Write("done"u8);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_response_that_is_ready_goes_out_before_a_body_is_waited_for()
    {
        await using FrontServer server = await FrontServer.StartAsync(
            context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                context.Response.BodyWriter.Write(Encoding.ASCII.GetBytes(context.Request.Path.Value + reader.ReadToEnd())); // blocks
                return Task.CompletedTask;
            },
            kestrel: options => options.AllowSynchronousIO = true);
        await using InMemoryConnection client = server.Connect();

        Task sent = Task.Run(() => client.SendAsync(Path("quick") + "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"));
        Assert.Equal("/quick", (await client.ReadResponseAsync()).Text);
        await client.SendAsync("abc");
        await sent;
        Assert.Equal("/bodyabc", (await client.ReadResponseAsync()).Text);
    }

    /// <summary>Over TLS the transport's writer loses what is written to it during a flush: nothing may be.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_does_not_read_gets_every_response_in_order(bool tls)
    {
        byte[] filling = new byte[5000];
        await using FrontServer server = await FrontServer.StartAsync(
            async context =>
            {
                if (context.Request.Path.Value!.Contains("late", StringComparison.Ordinal))
                {
                    await Task.Yield();
                }

                if (context.Request.ContentLength > 0)
                {
                    await context.Request.Body.CopyToAsync(Stream.Null);
                }

                context.Response.ContentLength = context.Request.Path.Value!.Length + filling.Length;
                context.Response.BodyWriter.Write(Encoding.ASCII.GetBytes(context.Request.Path.Value!));
                context.Response.BodyWriter.Write(filling);
            },
            front: !tls,
            endpoint: listen =>
            {
                if (tls)
                {
                    listen.UseHttps(TestCertificate.Make());
                    listen.UseOneShotHttp1();
                }
            });
        await using InMemoryConnection connection = server.Connect(4096);
        await using Stream client = tls ? await connection.SecureAsync() : new DuplexStream(connection.Input.AsStream(), connection.Output.AsStream());
        string[] names = [.. Enumerable.Range(0, 60).Select(i => (i % 3 == 2 ? "late" : "early") + i)];
        string requests = string.Concat(names.Select((name, i) => i % 7 == 6
            ? $"POST /{name} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody"
            : Path(name)));
        Task sending = Task.Run(async () =>
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(requests));
            await client.FlushAsync();
        });
        PipeReader responses = PipeReader.Create(client);
        foreach (string name in names)
        {
            RawResponse response;
            do
            {
                response = await RawResponse.ReadAsync(responses, toHead: false);
            }
            while (response.Status == 100);

            Assert.StartsWith("/" + name + "\0", response.Text, StringComparison.Ordinal);
        }

        await sending;
    }

    [Fact]
    public async Task A_body_between_pipelined_requests_ends_where_it_ends()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(context.Request.Path.Value + await reader.ReadToEndAsync());
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Path("one") + "POST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + Path("three"));
        Assert.Equal("/one", (await client.ReadResponseAsync()).Text);
        Assert.Equal("/twoabc", (await client.ReadResponseAsync()).Text);
        Assert.Equal("/three", (await client.ReadResponseAsync()).Text);
    }

    private static string Path(string name) => $"GET /{name} HTTP/1.1\r\nHost: a\r\n\r\n";
}
