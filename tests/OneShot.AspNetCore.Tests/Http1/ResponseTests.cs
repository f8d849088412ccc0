using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Tests.Http1.Transport;

namespace OneShot.AspNetCore.Tests.Http1;

public sealed class ResponseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static async Task<(RawResponse Response, bool Open)> AskAsync(RequestDelegate application, string request = Get)
    {
        await using FrontServer server = await FrontServer.StartAsync(context =>
            context.Request.Path == "/again" ? Task.CompletedTask : application(context));
        await using InMemoryConnection client = server.Connect();
        RawResponse response = await client.RoundTripAsync(request, toHead: request.StartsWith("HEAD", StringComparison.Ordinal));
        if (response.SaysClose)
        {
            Assert.True(await client.IsClosedByServerAsync());
            return (response, false);
        }

        Assert.Equal(200, (await client.RoundTripAsync("GET /again HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        return (response, true);
    }

    [Fact]
    public async Task Nothing_written_is_a_length_of_zero()
    {
        (RawResponse response, bool open) = await AskAsync(_ => Task.CompletedTask);

        Assert.Equal("0", response["Content-Length"]);
        Assert.True(open);
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_chunked()
    {
        (RawResponse response, bool open) = await AskAsync(async context =>
        {
            await context.Response.WriteAsync("one ");
            await context.Response.Body.WriteAsync("two "u8.ToArray());
            context.Response.BodyWriter.Write("three "u8);
            context.Response.BodyWriter.Write("four"u8);
            await context.Response.BodyWriter.FlushAsync();
        });

        Assert.Equal("chunked", response["Transfer-Encoding"]);
        Assert.Equal("one two three four", response.Text);
        Assert.True(open);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(4079)]
    [InlineData(4080)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(65536)]
    [InlineData(1_000_000)]
    public async Task Chunks_of_any_size_arrive_whole_however_they_are_written(int size)
    {
        byte[] body = new byte[size];
        Random.Shared.NextBytes(body);
        foreach (RequestDelegate application in new RequestDelegate[]
        {
            async context => await context.Response.Body.WriteAsync(body),
            async context =>
            {
                Memory<byte> memory = context.Response.BodyWriter.GetMemory(size);
                body.CopyTo(memory);
                context.Response.BodyWriter.Advance(size);
                await context.Response.BodyWriter.FlushAsync();
            },
            async context =>
            {
                await context.Response.StartAsync();
                foreach (byte[] part in body.Chunk(1000))
                {
                    part.CopyTo(context.Response.BodyWriter.GetSpan(part.Length));
                    context.Response.BodyWriter.Advance(part.Length);
                }

                await context.Response.CompleteAsync();
            },
            context =>
            {
                context.Response.BodyWriter.Write(body);
                return Task.CompletedTask;
            },
        })
        {
            (RawResponse response, bool open) = await AskAsync(application);
            Assert.Equal(body, response.Body);
            Assert.True(open);
        }
    }

    [Fact]
    public async Task Head_has_the_fields_and_no_body()
    {
        (RawResponse response, bool open) = await AskAsync(
            context =>
            {
                context.Response.ContentLength = 5;
                return context.Response.WriteAsync("hello");
            },
            "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("5", response["Content-Length"]);
        Assert.True(open);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Statuses_without_a_body_have_no_framing_fields(int status)
    {
        (RawResponse response, bool open) = await AskAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        Assert.Equal(status, response.Status);
        Assert.Null(response["Content-Length"]);
        Assert.Null(response["Transfer-Encoding"]);
        Assert.True(open);
    }

    [Fact]
    public async Task A_body_where_none_is_allowed_throws_in_the_application()
    {
        Exception? thrown = null;
        await AskAsync(async context =>
        {
            context.Response.StatusCode = 204;
            thrown = await Record.ExceptionAsync(() => context.Response.WriteAsync("x"));
        });

        Assert.IsType<InvalidOperationException>(thrown);
    }

    [Fact]
    public async Task An_unhandled_exception_is_500_and_keeps_the_connection()
    {
        (RawResponse response, bool open) = await AskAsync(context =>
        {
            context.Response.Headers["X-Half-Done"] = "1";
            context.Response.BodyWriter.Write("half done"u8);
            throw new InvalidOperationException("boom");
        });

        Assert.Equal(500, response.Status);
        Assert.Null(response["X-Half-Done"]);
        Assert.Equal("0", response["Content-Length"]);
        Assert.True(open);
    }

    [Fact]
    public async Task An_exception_after_the_start_cuts_the_connection_before_the_last_chunk()
    {
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half");
            throw new InvalidOperationException("boom");
        });
        await using InMemoryConnection client = server.Connect();

        await client.SendAsync(Get);
        string bytes = await ReadAllAsync(client);

        Assert.Contains("4\r\nhalf\r\n", bytes);
        Assert.DoesNotContain("0\r\n\r\n", bytes);
        Assert.Contains(server.Log.Entries, entry => entry.Exception?.Message == "boom");
    }

    [Fact]
    public async Task Too_much_written_throws_and_closes()
    {
        Exception? thrown = null;
        await using FrontServer server = await FrontServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 4;
            thrown = await Record.ExceptionAsync(() => context.Response.WriteAsync("hello"));
            await context.Response.WriteAsync("four");
        });
        await using InMemoryConnection client = server.Connect();

        RawResponse response = await client.RoundTripAsync(Get);

        Assert.Contains("too many bytes", Assert.IsType<InvalidOperationException>(thrown).Message, StringComparison.Ordinal);
        Assert.Equal("four", response.Text);
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Too_little_written_is_500_before_the_start_and_a_cut_after_it()
    {
        (RawResponse response, _) = await AskAsync(context =>
        {
            context.Response.ContentLength = 4;
            return Task.CompletedTask;
        });
        Assert.Equal(500, response.Status);

        await using FrontServer server = await FrontServer.StartAsync(context =>
        {
            context.Response.ContentLength = 5;
            return context.Response.WriteAsync("four");
        });
        await using InMemoryConnection client = server.Connect();
        await client.SendAsync(Get);
        Assert.EndsWith("\r\n\r\nfour", await ReadAllAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-A\r\nX-B", "1")]
    [InlineData("X A", "1")]
    [InlineData("", "1")]
    [InlineData("X-A", "1\r\nX-B: 2")]
    [InlineData("X-A", "1\0")]
    [InlineData("X-A", "\u00e4")]
    public async Task A_field_that_could_split_the_response_throws_where_it_is_set(string name, string value)
    {
        Exception? thrown = null;
        (RawResponse response, _) = await AskAsync(context =>
        {
            thrown = Record.Exception(() => context.Response.Headers[name] = value);
            return Task.CompletedTask;
        });

        Assert.IsType<InvalidOperationException>(thrown);
        Assert.Equal(200, response.Status);
        Assert.Null(response["X-B"]);
    }

    [Fact]
    public async Task Callbacks_run_last_first_and_headers_are_frozen_after_the_start()
    {
        var order = new List<string>();
        Exception? late = null;
        (RawResponse response, _) = await AskAsync(async context =>
        {
            foreach (string name in new[] { "first", "second" })
            {
                context.Response.OnStarting(() =>
                {
                    order.Add("starting " + name);
                    context.Response.Headers.Append("X-Order", name);
                    return Task.CompletedTask;
                });
                context.Response.OnCompleted(() =>
                {
                    order.Add("completed " + name);
                    return name == "second" ? throw new InvalidOperationException("logged") : Task.CompletedTask;
                });
            }

            await context.Response.WriteAsync("x");
            late = Record.Exception(() => context.Response.Headers["X-Late"] = "1");
            Assert.Throws<InvalidOperationException>(() => context.Response.StatusCode = 201);
            order.Add("returned");
        });

        Assert.Equal(["second", "first"], response.Fields.Where(field => field.Key == "X-Order").Select(field => field.Value));
        Assert.Equal(["starting second", "starting first", "returned", "completed second", "completed first"], order);
        Assert.IsType<InvalidOperationException>(late);
    }

    [Fact]
    public async Task An_exception_in_OnStarting_is_500()
    {
        (RawResponse response, _) = await AskAsync(context =>
        {
            context.Response.OnStarting(() => throw new InvalidOperationException("boom"));
            return Task.CompletedTask;
        });

        Assert.Equal(500, response.Status);
    }

    [Fact]
    public async Task What_the_application_sets_is_not_set_again()
    {
        (RawResponse response, bool open) = await AskAsync(context =>
        {
            context.Response.Headers.Server = "mine";
            context.Response.Headers.Date = "today";
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });

        Assert.Equal("mine", response["Server"]);
        Assert.Equal("today", response["Date"]);
        Assert.Equal("close", response["Connection"]);
        Assert.False(open);
    }

    [Fact]
    public async Task A_reason_phrase_and_a_status_nobody_knows_are_sent_as_they_are()
    {
        (RawResponse response, _) = await AskAsync(context =>
        {
            context.Response.StatusCode = 299;
            context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = "Quite So";
            return Task.CompletedTask;
        });

        Assert.Equal((299, "Quite So"), (response.Status, response.Reason));
    }

    [Fact]
    public async Task The_server_field_can_be_turned_off()
    {
        await using FrontServer server = await FrontServer.StartAsync(
            _ => Task.CompletedTask, kestrel: options => options.AddServerHeader = false);
        await using InMemoryConnection client = server.Connect();

        Assert.Null((await client.RoundTripAsync(Get))["Server"]);
    }

    [Fact]
    public async Task A_file_is_sent_whole()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, new string('f', 100_000));
            (RawResponse response, _) = await AskAsync(context => context.Response.SendFileAsync(path, 10, 99_000));
            Assert.Equal(new string('f', 99_000), response.Text);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string> ReadAllAsync(InMemoryConnection client)
    {
        using var all = new MemoryStream();
        await client.Input.CopyToAsync(all).WaitAsync(Limits.Patience);
        return Encoding.Latin1.GetString(all.ToArray());
    }
}
