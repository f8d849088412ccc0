using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests.Bodies;

/// <summary>JSON in the arena, both ways, on every server alike.</summary>
public sealed class JsonTests
{
    private const string Json = "application/json";

    public static TheoryData<ServerKind> Servers => new(Enum.GetValues<ServerKind>());

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task What_is_sent_is_read_and_what_is_answered_has_its_length_and_type(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            Order order = (await context.ReadJsonAsync(OrderContext.Default.Order, 1000))!;
            await context.WriteJsonAsync(order with { Id = order.Id + 1 }, OrderContext.Default.Order);
        });

        for (int i = 0; i < 3; i++)
        {
            HttpResponseMessage response = await server.PostAsync(Encoding.UTF8.GetBytes($"{{\"id\":{i},\"name\":\"zw\u00F6lf\"}}"), type: Json);

            string text = await AnyServer.TextOf(response);
            Assert.Equal(new Order(i + 1, "zw\u00F6lf"), JsonSerializer.Deserialize(text, OrderContext.Default.Order));
            Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
            Assert.Equal(Encoding.UTF8.GetByteCount(text), response.Content.Headers.ContentLength);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_document_of_many_blocks_is_read_and_answered(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
            await context.WriteJsonAsync((await context.ReadJsonAsync(OrderContext.Default.Order, 1 << 20))!, OrderContext.Default.Order));
        Order order = new(1, new string('n', 50_000), [.. Enumerable.Range(0, 20_000)]);
        byte[] sent = JsonSerializer.SerializeToUtf8Bytes(order, OrderContext.Default.Order);

        HttpResponseMessage response = await server.PostAsync(sent, type: Json);

        Assert.Equal(sent, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>What the reader goes on with may be another request's by then.</summary>
    [Fact]
    public async Task A_converter_that_lets_go_of_the_arena_and_waits_has_read_nothing()
    {
        Exception? seen = null;
        var clock = new ManualClock();
        await using ArenaHost host = await ArenaHost.StartAsync(
            async context =>
            {
                var options = new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
                options.Converters.Add(new Releasing(context.Features.Get<IRequestArenaFeature>()!, clock));
                var type = (JsonTypeInfo<Released[]>)options.GetTypeInfo(typeof(Released[]));
                seen = await Record.ExceptionAsync(async () => _ = await context.ReadJsonAsync(type, 1000));
            },
            options => options.Reclamation = ArenaReclamation.PerRequest,
            time: clock);

        using var body = new StringContent("[1, 2]", Encoding.UTF8, Json);
        await host.Client.PostAsync(new Uri("/", UriKind.Relative), body, TestContext.Current.CancellationToken);

        Assert.IsType<ObjectDisposedException>(seen);
    }

    [Theory]
    [InlineData("{\"id\":1}", Json, 200)]
    [InlineData("\uFEFF{\"id\":1}", Json, 200)]
    [InlineData("{\"id\":1}", "application/problem+json;charset=UTF-8", 200)]
    [InlineData("null", Json, 204)]
    [InlineData("", Json, 400)]
    [InlineData("{", Json, 400)]
    [InlineData("{\"id\":1}x", Json, 400)]
    [InlineData("{\"id\":\"one\"}", Json, 400)]
    [InlineData("[1]", Json, 400)]
    [InlineData("{\"id\":1}", null, 415)]
    [InlineData("{\"id\":1}", "text/plain", 415)]
    [InlineData("{\"id\":1}", "application/json; charset=latin1", 415)]
    [InlineData("{\"id\":1,\"name\":\"ninety-nine bytes and more of them than are allowed, since this is a very long name indeed\"}", Json, 413)]
    public async Task What_is_not_the_JSON_that_was_expected_is_the_clients_fault(string body, string? type, int status)
    {
        foreach (ServerKind kind in new[] { ServerKind.Front, ServerKind.Kestrel, ServerKind.Http2 })
        {
            await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
            {
                Order? order = await context.ReadJsonAsync(OrderContext.Default.Order, 99);
                context.Response.StatusCode = order is null ? 204 : 200;
            });

            Assert.Equal(status, (int)(await server.PostAsync(Encoding.UTF8.GetBytes(body), type: type)).StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_reader_over_the_body_reads_it_token_by_token(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            ArenaBody body = await context.ReadBodyAsync(100);
            await context.Response.WriteAsync(Tokens(body));
        });

        Assert.Equal("StartArray Number String EndArray", await AnyServer.TextOf(await server.PostAsync("\uFEFF[1,\"a\"]"u8.ToArray())));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task The_content_type_of_the_application_stays(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            context.Response.ContentType = "application/problem+json";
            await context.WriteJsonAsync(new Order(1, null), OrderContext.Default.Order);
        });

        HttpResponseMessage response = await server.GetAsync("/");

        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("""{"id":1,"name":null,"lines":null}""", await AnyServer.TextOf(response));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_response_that_has_started_takes_no_length_any_more(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            await context.Response.StartAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await context.WriteJsonAsync(new Order(1, null), OrderContext.Default.Order));
            await context.Response.WriteAsync("plain");
        });

        Assert.Equal("plain", await AnyServer.TextOf(await server.GetAsync("/")));
    }

    /// <summary>The next document of this thread begins with nothing of the one that failed.</summary>
    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_value_that_cannot_be_written_leaves_the_response_as_it_was(ServerKind kind)
    {
        await using AnyServer server = await AnyServer.StartAsync(kind, async context =>
        {
            Assert.Throws<JsonException>(() => { _ = context.WriteJsonAsync(new Failing(), OrderContext.Default.Failing).AsTask(); });
            Assert.Null(context.Response.ContentLength);
            Assert.Null(context.Response.ContentType);
            await context.WriteJsonAsync(new Order(1, "a"), OrderContext.Default.Order);
        });

        Assert.Equal("""{"id":1,"name":"a","lines":null}""", await AnyServer.TextOf(await server.GetAsync("/")));
    }

    [Fact]
    public async Task Each_context_writes_by_its_own_options_also_on_the_same_thread()
    {
        await using AnyServer server = await AnyServer.StartAsync(ServerKind.Front, context =>
            context.Request.Path == "/indented"
                ? context.WriteJsonAsync(new Order(1, "<"), IndentedContext.Default.Order).AsTask()
                : context.WriteJsonAsync(new Order(1, "<"), OrderContext.Default.Order).AsTask());

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(JsonSerializer.Serialize(new Order(1, "<"), IndentedContext.Default.Order), await AnyServer.TextOf(await server.GetAsync("/indented")));
            Assert.Equal(JsonSerializer.Serialize(new Order(1, "<"), OrderContext.Default.Order), await AnyServer.TextOf(await server.GetAsync("/")));
        }
    }

    [Fact]
    public void Who_writes_a_document_within_another_gets_a_writer_of_his_own()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        RequestArena request = new(arena);

        JsonWriters outer = JsonWriters.Rent(OrderContext.Default.Options, request);
        outer.Json.WriteStartArray();
        JsonWriters inner = JsonWriters.Rent(OrderContext.Default.Options, request);
        inner.Json.WriteNumberValue(1);
        inner.Json.Flush();
        Assert.True(inner.Buffer.WrittenSpan.SequenceEqual("1"u8));
        inner.Return();
        outer.Json.WriteEndArray();
        outer.Json.Flush();

        Assert.True(outer.Buffer.WrittenSpan.SequenceEqual("[]"u8));
        outer.Return();
        JsonWriters again = JsonWriters.Rent(OrderContext.Default.Options, request);
        Assert.Same(outer, again);
        Assert.Equal(0, again.Buffer.WrittenCount);
        again.Return();
    }

    [Fact]
    public async Task A_GET_that_is_asked_by_HEAD_has_the_length_and_no_bytes()
    {
        await using AnyServer server = await AnyServer.StartAsync(ServerKind.Front, context =>
            context.WriteJsonAsync(new Order(1, "a"), OrderContext.Default.Order).AsTask());

        using HttpRequestMessage request = new(HttpMethod.Head, "/");
        HttpResponseMessage response = await server.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(32, response.Content.Headers.ContentLength);
        Assert.Equal("", await AnyServer.TextOf(response));
    }

    private static string Tokens(ArenaBody body)
    {
        var tokens = new List<JsonTokenType>();
        Utf8JsonReader reader = body.CreateJsonReader();
        while (reader.Read())
        {
            tokens.Add(reader.TokenType);
        }

        return string.Join(' ', tokens);
    }

    private readonly record struct Released(int Id);

    private sealed class Releasing(IRequestArenaFeature feature, ManualClock clock) : JsonConverter<Released>
    {
        public override Released Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            feature.ReleaseArena();
            clock.Advance(ReleasedArenas.Delay + ReleasedArenas.Delay);
            return new Released(reader.GetInt32());
        }

        public override void Write(Utf8JsonWriter writer, Released value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Id);
    }
}
