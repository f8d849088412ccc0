using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using OneShot.AspNetCore.Tests.Http1.Response;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>
/// An application may write on while an earlier write waits for the client, on stock Kestrel and on the front, over TLS and
/// without: the bytes go out in order, and who awaits a write waits until the client has made room.
/// </summary>
public sealed class UnawaitedWriteTests
{
    private const int Room = 2048;
    private const int Writes = 200;
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly X509Certificate2 s_certificate = TestCertificate.Make();
    private static readonly string s_all = string.Concat(Enumerable.Range(0, Writes).Select(Piece));

    /// <summary>Tells where it stands, and is of a length of its own.</summary>
    private static string Piece(int i) => string.Create(CultureInfo.InvariantCulture, $"[{i}{new string((char)('a' + (i % 26)), 300 + (i * 7 % 911))}]");

    /// <summary>The front or stock Kestrel, TLS or not.</summary>
    public static TheoryData<bool, bool> Servers => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    public static TheoryData<bool, bool, bool, string> Ways()
    {
        var ways = new TheoryData<bool, bool, bool, string>();
        foreach (bool front in new[] { false, true })
        {
            foreach (bool tls in new[] { false, true })
            {
                foreach (bool length in new[] { false, true })
                {
                    ways.Add(front, tls, length, "stream");
                    ways.Add(front, tls, length, "writer");
                    if (front)
                    {
                        ways.Add(front, tls, length, "memory"); // which Kestrel sends in another order, once in a while
                    }
                }
            }
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Two_hundred_writes_arrive_whole_and_in_order(bool front, bool tls, bool length, string way)
    {
        await using FrontServer server = await StartAsync(front, tls, async context =>
        {
            context.Response.ContentLength = length ? s_all.Length : null;
            Task last = Task.CompletedTask;
            for (int i = 0; i < Writes; i++)
            {
                last = WriteAsync(context.Response, Encoding.ASCII.GetBytes(Piece(i)), way);
            }

            await last;
        });
        await using InMemoryConnection connection = server.Connect(Room);
        await using Stream client = await OpenAsync(connection, tls);
        PipeReader responses = PipeReader.Create(client);
        for (int i = 0; i < 2; i++) // the connection serves another behind it
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(Get));
            Assert.Equal(s_all, (await RawResponse.ReadAsync(responses)).Text);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_response_ends_behind_the_writes_that_were_left_waiting(bool front, bool tls)
    {
        Task[] writes = [];
        await using FrontServer server = await StartAsync(front, tls, context =>
        {
            writes = [.. Enumerable.Range(0, Writes).Select(i => WriteAsync(context.Response, Encoding.ASCII.GetBytes(Piece(i)), "stream"))];
            return Task.CompletedTask;
        });
        await using InMemoryConnection connection = server.Connect(Room);
        await using Stream client = await OpenAsync(connection, tls);
        PipeReader responses = PipeReader.Create(client);
        for (int i = 0; i < 2; i++)
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(Get));
            Assert.Equal(s_all, (await RawResponse.ReadAsync(responses)).Text);
            await Task.WhenAll(writes).WaitAsync(Limits.Patience);
        }
    }

    /// <summary>Kestrel drops what is queued then, where the response has a length.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_ends_behind_the_writes_that_were_left_waiting(bool tls)
    {
        await using FrontServer server = await StartAsync(front: true, tls, context =>
        {
            context.Response.ContentLength = s_all.Length;
            for (int i = 0; i < Writes; i++)
            {
                _ = WriteAsync(context.Response, Encoding.ASCII.GetBytes(Piece(i)), "stream");
            }

            return Task.CompletedTask;
        });
        await using InMemoryConnection connection = server.Connect(Room);
        await using Stream client = await OpenAsync(connection, tls);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());

        Assert.Equal(s_all, (await RawResponse.ReadAsync(PipeReader.Create(client))).Text);
        Assert.Equal(0, await client.ReadAsync(new byte[1]).AsTask().WaitAsync(Limits.Patience));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_file_goes_out_behind_writes_that_wait(bool front, bool tls)
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, s_all);
            await using FrontServer server = await StartAsync(front, tls, async context =>
            {
                Task first = context.Response.Body.WriteAsync(new byte[3 * Room]).AsTask();
                Task file = context.Response.SendFileAsync(path);
                await first;
                await file;
            });
            await using InMemoryConnection connection = server.Connect(Room);
            await using Stream client = await OpenAsync(connection, tls);
            await client.WriteAsync(Encoding.ASCII.GetBytes(Get));

            Assert.Equal(new string('\0', 3 * Room) + s_all, (await RawResponse.ReadAsync(PipeReader.Create(client))).Text);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>By the letter: the same fields in the head, the same chunks.</summary>
    [Theory]
    [InlineData(false, "length")]
    [InlineData(true, "length")]
    [InlineData(false, "chunked")]
    [InlineData(true, "chunked")]
    public async Task The_front_sends_the_bytes_that_Kestrel_sends(bool tls, string framing)
    {
        var answers = new List<string>();
        foreach (bool front in new[] { false, true })
        {
            await using FrontServer server = await StartAsync(front, tls, async context =>
            {
                context.Response.ContentLength = framing == "length" ? s_all.Length : null;
                context.Response.Headers.Date = "Tue, 24 Nov 2026 12:00:00 GMT";
                await Task.WhenAll(Enumerable.Range(0, Writes).Select(i => WriteAsync(context.Response, Encoding.ASCII.GetBytes(Piece(i)), "stream")));
            });
            await using InMemoryConnection connection = server.Connect(Room);
            await using Stream client = await OpenAsync(connection, tls);
            await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());
            using var received = new MemoryStream();
            await client.CopyToAsync(received).WaitAsync(Limits.Patience);
            string text = Encoding.ASCII.GetString(received.ToArray());
            int body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            answers.Add(string.Join('\n', text[..body].Split("\r\n").Order(StringComparer.Ordinal)) + text[body..]);
        }

        Assert.Equal(answers[0], answers[1]);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_token_that_fires_while_its_write_stands_behind_another_takes_nothing_back(bool front, bool tls)
    {
        using var source = new CancellationTokenSource();
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Exception? thrown = null;
        await using FrontServer server = await StartAsync(front, tls, async context =>
        {
            Task first = context.Response.Body.WriteAsync(new byte[3 * Room]).AsTask();
            Task second = context.Response.Body.WriteAsync("second"u8.ToArray(), source.Token).AsTask();
            waiting.SetResult();
            await first;
            thrown = await Record.ExceptionAsync(() => second);
            await context.Response.WriteAsync("third");
        });
        await using InMemoryConnection connection = server.Connect(Room);
        await using Stream client = await OpenAsync(connection, tls);
        await client.WriteAsync(Encoding.ASCII.GetBytes(Get));
        await waiting.Task.WaitAsync(Limits.Patience);
        await source.CancelAsync();

        RawResponse response = await RawResponse.ReadAsync(PipeReader.Create(client));

        Assert.Equal(new string('\0', 3 * Room) + "secondthird", response.Text);
        Assert.IsAssignableFrom<OperationCanceledException>(thrown);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_flush_lets_all_go_that_wait_and_loses_nothing(bool front)
    {
        var flushes = new Task<FlushResult>[3];
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrontServer server = await StartAsync(front, tls: false, async context =>
        {
            PipeWriter writer = context.Response.BodyWriter;
            for (int i = 0; i < flushes.Length; i++)
            {
                flushes[i] = writer.WriteAsync(new byte[3 * Room]).AsTask();
            }

            Assert.DoesNotContain(flushes, flush => flush.IsCompleted);
            writer.CancelPendingFlush();
            await Task.WhenAll(flushes);
            cancelled.SetResult();
            await context.Response.WriteAsync("end");
        });
        await using InMemoryConnection client = server.Connect(Room);
        await client.SendAsync(Get);
        await cancelled.Task.WaitAsync(Limits.Patience);

        Assert.Equal(new string('\0', 9 * Room) + "end", (await client.ReadResponseAsync()).Text);
        Assert.All(flushes, flush => Assert.Equal(front, flush.Result.IsCanceled)); // Kestrel's own writer does not tell
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_is_idle_again_holds_no_block_of_its_queue(bool tls)
    {
        using var pool = new CountingPool();
        await using FrontServer server = await StartAsync(
            front: true,
            tls,
            context =>
            {
                bool large = context.Request.Path == "/large";
                for (int i = 0; i < (large ? Writes : 1); i++)
                {
                    _ = WriteAsync(context.Response, Encoding.ASCII.GetBytes(Piece(i)), "stream");
                }

                return Task.CompletedTask;
            },
            pool);
        await using InMemoryConnection connection = server.Connect(Room);
        await using Stream client = await OpenAsync(connection, tls);
        PipeReader responses = PipeReader.Create(client);
        for (int i = 0; i < 3; i++)
        {
            await client.WriteAsync("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
            Assert.Equal(s_all, (await RawResponse.ReadAsync(responses)).Text);
            await Eventually.HoldsAsync(() => pool.Rented == 0);
        }
    }

    /// <summary>Responses of a pipeline are held back to go out together, but not behind one that the client does not take.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_does_not_read_is_not_served_on(bool tls)
    {
        const int Requests = 40;
        await using FrontServer server = await StartAsync(front: true, tls, context =>
        {
            context.Response.ContentLength = 3 * Room;
            _ = WriteAsync(context.Response, new byte[3 * Room], "stream");
            return Task.CompletedTask;
        });
        await using InMemoryConnection connection = server.Connect(Room);
        await using Stream client = await OpenAsync(connection, tls);
        PipeReader responses = PipeReader.Create(client);
        for (int round = 0; round < 3; round++)
        {
            int before = server.Requests;
            await client.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Get, Requests))));
            await Eventually.HoldsAsync(() => server.Requests > before);
            Assert.InRange(server.Requests - before, 1, 2);
            for (int i = 0; i < Requests; i++)
            {
                Assert.Equal(3 * Room, (await RawResponse.ReadAsync(responses)).Body.Length);
            }
        }
    }

    private static Task WriteAsync(HttpResponse response, byte[] bytes, string way)
    {
        PipeWriter writer = response.BodyWriter;
        switch (way)
        {
            case "stream":
                return response.Body.WriteAsync(bytes).AsTask();
            case "writer":
                return writer.WriteAsync(bytes).AsTask();
            default:
                bytes.AsSpan(0, 100).CopyTo(writer.GetSpan(100));
                writer.Advance(100);
                bytes.AsSpan(100).CopyTo(writer.GetSpan(bytes.Length));
                writer.Advance(bytes.Length - 100);
                return writer.FlushAsync().AsTask();
        }
    }

    private static Task<FrontServer> StartAsync(bool front, bool tls, RequestDelegate application, CountingPool? pool = null) => FrontServer.StartAsync(
        application,
        front: false,
        endpoint: listen =>
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set<IMemoryPoolFeature>(pool);
                return next(connection);
            });
            if (tls)
            {
                listen.UseHttps(s_certificate);
            }

            if (front)
            {
                listen.UseOneShotHttp1();
            }
        });

    private static async Task<Stream> OpenAsync(InMemoryConnection connection, bool tls) =>
        tls ? await connection.SecureAsync() : new DuplexStream(connection.Input.AsStream(), connection.Output.AsStream());
}
