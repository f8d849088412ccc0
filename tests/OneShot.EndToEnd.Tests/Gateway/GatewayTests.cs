using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Protos;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace OneShot.EndToEnd.Tests.Gateway;

/// <summary>A gateway does the same whichever lines of OneShot it has.</summary>
public sealed class GatewayTests(GatewaySides sides) : IClassFixture<GatewaySides>
{
    private const string MayPublish = "notices:publish";

    /// <summary>How long after its end a token is noticed to have ended: with the longest one tried, less than the minute that the cache keeps it at most.</summary>
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(30);

    public static TheoryData<GatewaySide> Sides => OperatingSystem.IsLinux()
        ? [GatewaySide.Stock, GatewaySide.FrontAndCache, GatewaySide.FrontOnTransport]
        : [GatewaySide.Stock, GatewaySide.FrontAndCache];

    /// <summary>That a token must have left to begin with it: its end is in whole seconds.</summary>
    private static readonly TimeSpan s_left = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_request_with_a_token_reaches_the_backend_with_its_headers_as_they_were(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        string token = await gateway.TokenAsync("alice");
        (string Name, string Value)[] headers = [("Accept", "application/json"), ("X-Request-Id", "0123456789abcdef"), ("Cookie", "a=1; b=2"), ("X-Empty", "")];

        for (int i = 0; i < 2; i++)
        {
            (string Name, string Value)[] sent = [.. headers, ("X-Number", $"{i}")];
            using HttpResponseMessage response = await gateway.GetAsync("/api/echo?page=1", token, sent);
            using JsonDocument seen = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.All(sent.Append(("Authorization", $"Bearer {token}")), field => Assert.Equal([field.Item2], ValuesOf(seen, field.Item1)));
            Assert.Equal([gateway.Address.Authority], ValuesOf(seen, "X-Forwarded-Host"));
        }
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_trace_goes_on_at_the_backend(GatewaySide side)
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        RunningGateway gateway = await sides.OfAsync(side);

        using HttpResponseMessage response = await gateway.GetAsync("/api/echo", await gateway.TokenAsync("alice"), ("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"));
        using JsonDocument seen = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));

        Assert.StartsWith($"00-{Trace}-", Assert.Single(ValuesOf(seen, "traceparent")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task Only_a_valid_token_opens_and_one_that_was_kept_opens_for_nobody_else(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        string good = await gateway.TokenAsync("alice");
        string bob = await gateway.TokenAsync("bob");
        string[] parts = good.Split('.');
        string[] bad =
        [
            await gateway.TokenAsync("alice", lifetime: TimeSpan.FromMinutes(-10)),
            $"{parts[0]}.{bob.Split('.')[1]}.{parts[2]}", // another's claims under the signature that was found good
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}.{(parts[2][0] == 'A' ? 'B' : 'A')}{parts[2][1..]}",
            $"eyJhbGciOiJub25lIn0.{parts[1]}.", // {"alg":"none"}
            good[..^1],
            "undefined",
        ];

        foreach (string path in new[] { "/me", "/api/orders/1" })
        {
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, path, good));
                Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, path, token: null));
                foreach (string token in bad)
                {
                    Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, path, token));
                }
            }
        }

        using HttpResponseMessage asAlice = await gateway.GetAsync("/me", good);
        using HttpResponseMessage asBob = await gateway.GetAsync("/me", bob);
        Assert.Contains("\"alice\"", await asAlice.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("\"bob\"", await asBob.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, "/open/status", token: null));
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_token_that_was_kept_ends_when_it_expires(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        (string token, DateTime end) = await KeptTokenAsync(gateway);

        // It ends by the clock of another process, which nobody here can set. The cache forgets it by itself only later.
        HttpStatusCode status = HttpStatusCode.OK;
        while (status == HttpStatusCode.OK && DateTime.UtcNow < end + s_late)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancel);
            status = await StatusAsync(gateway, "/me", token);
        }

        Assert.True(status == HttpStatusCode.Unauthorized, $"{status} {(DateTime.UtcNow - end).TotalSeconds:0.0} s after the token's end.");
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_connection_to_the_hub_ends_when_its_token_does(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        List<HubConnection> connections = []; // the last one was opened while its token had time left
        Task closed = Task.CompletedTask;
        try
        {
            (_, DateTime end) = await KeptTokenAsync(gateway, async token =>
            {
                connections.Add(Connect(gateway, token));
                closed = Closed(connections[^1]);
                return await Record.ExceptionAsync(() => connections[^1].StartAsync(Cancel)) is null;
            });

            await closed.WaitAsync(end + s_late - DateTime.UtcNow, Cancel);
        }
        finally
        {
            foreach (HubConnection connection in connections)
            {
                await connection.DisposeAsync();
            }
        }

        static Task Closed(HubConnection connection)
        {
            TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            connection.Closed += _ =>
            {
                closed.TrySetResult();
                return Task.CompletedTask;
            };
            return closed.Task;
        }
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_connection_follows_so_many_topics_and_no_more(GatewaySide side)
    {
        const int Most = 100;
        RunningGateway gateway = await sides.OfAsync(side);
        await using HubConnection connection = Connect(gateway, await gateway.TokenAsync("reader"));
        await connection.StartAsync(Cancel);
        for (int i = 0; i < Most; i++)
        {
            await connection.InvokeAsync("Follow", $"topic-{i}", Cancel);
        }

        HubException refused = await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("Follow", "one-more", Cancel));
        await connection.InvokeAsync("Follow", "topic-0", Cancel);
        await connection.InvokeAsync("Unfollow", "topic-0", Cancel);
        await connection.InvokeAsync("Follow", "one-more", Cancel);

        Assert.EndsWith($"A connection follows {Most} topics at most.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-10675199.02:48:05.4775808")]
    [InlineData("10675199.02:48:05.4775807")]
    [InlineData("-1.00:00:01")]
    public async Task A_token_of_more_than_a_day_is_not_given(string lifetime)
    {
        RunningGateway gateway = await sides.OfAsync(GatewaySide.Stock);

        using HttpResponseMessage response = await gateway.Client.PostAsync(new Uri($"/token?subject=alice&lifetime={lifetime}", UriKind.Relative), content: null, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_host_that_is_not_the_gateway_s_is_refused(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);

        using HttpResponseMessage response = await gateway.GetAsync("/open/status", token: null, ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_notice_published_by_gRPC_reaches_who_follows_its_topic_over_WebSockets(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        string reader = await gateway.TokenAsync("reader");
        Channel<(string Id, string Topic, string Text)> told = Channel.CreateUnbounded<(string, string, string)>();
        await using HubConnection connection = Connect(gateway, reader);
        connection.On<string, string, string>("Notice", (id, topic, text) => told.Writer.TryWrite((id, topic, text)));
        await connection.StartAsync(Cancel);
        await connection.InvokeAsync("Follow", "orders", Cancel);
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("Follow", "no topic\n", Cancel));
        using GrpcChannel channel = GrpcChannel.ForAddress(gateway.Grpc);
        NoticeBoard.NoticeBoardClient board = new(channel);
        Metadata publisher = Authorization(await gateway.TokenAsync("shop", MayPublish));

        for (int i = 0; i < 3; i++)
        {
            await board.PublishAsync(new PublishRequest { Topic = "returns", Text = "not for this client" }, publisher, cancellationToken: Cancel);
            PublishReply reply = await board.PublishAsync(new PublishRequest { Topic = "orders", Text = $"Grüße {i}" }, publisher, cancellationToken: Cancel);
            Assert.Equal((reply.Id, "orders", $"Grüße {i}"), await told.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Eventually.Patience, Cancel));
        }
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task A_hub_lets_nobody_in_without_a_token_and_takes_one_from_the_query(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        string token = await gateway.TokenAsync("reader");

        using HttpResponseMessage without = await gateway.Client.PostAsync(new Uri("/hubs/notices/negotiate?negotiateVersion=1", UriKind.Relative), content: null, Cancel);
        using HttpResponseMessage with = await gateway.Client.PostAsync(new Uri($"/hubs/notices/negotiate?negotiateVersion=1&access_token={token}", UriKind.Relative), content: null, Cancel);
        using HttpResponseMessage elsewhere = await gateway.GetAsync($"/me?access_token={token}", token: null);

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.Unauthorized], [without.StatusCode, with.StatusCode, elsewhere.StatusCode]);
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task Publishing_needs_its_scope_and_a_topic(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        using GrpcChannel channel = GrpcChannel.ForAddress(gateway.Grpc);
        NoticeBoard.NoticeBoardClient board = new(channel);

        Assert.Equal(StatusCode.Unauthenticated, await StatusAsync(new Metadata(), "orders"));
        Assert.Equal(StatusCode.PermissionDenied, await StatusAsync(Authorization(await gateway.TokenAsync("reader", "orders:read")), "orders"));
        Assert.Equal(StatusCode.InvalidArgument, await StatusAsync(Authorization(await gateway.TokenAsync("shop", $"orders:read {MayPublish}")), "no topic"));

        async Task<StatusCode> StatusAsync(Metadata headers, string topic) =>
            (await Assert.ThrowsAsync<RpcException>(async () => await board.PublishAsync(new PublishRequest { Topic = topic, Text = "" }, headers, cancellationToken: Cancel))).StatusCode;
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public async Task What_an_operator_asks_for_is_on_the_management_address_alone(GatewaySide side)
    {
        RunningGateway gateway = await sides.OfAsync(side);
        string token = await gateway.TokenAsync("alice");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, "/api/orders/1", token));

        string metrics = await gateway.Management.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        JsonElement stats = await gateway.StatsAsync();

        Assert.Contains("http_server_request_duration_seconds_count", metrics, StringComparison.Ordinal);
        Assert.Equal(side != GatewaySide.Stock, metrics.Contains("oneshot_arena_", StringComparison.Ordinal));
        Assert.Equal(side == GatewaySide.FrontOnTransport, metrics.Contains("oneshot_transport_", StringComparison.Ordinal));
        Assert.Equal((side != GatewaySide.Stock, side == GatewaySide.FrontOnTransport ? "OneShot" : "Sockets"), (stats.GetProperty("front").GetBoolean(), stats.GetProperty("transport").GetString()));
        Assert.True(stats.GetProperty("requests").GetInt64() > 0);
        foreach (string path in new[] { "/livez", "/readyz", "/metrics", "/stats" })
        {
            using HttpResponseMessage here = await gateway.Management.GetAsync(new Uri(path, UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.OK, here.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(gateway, path, token));
        }

        using HttpResponseMessage proxied = await gateway.Management.GetAsync(new Uri("/open/status", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, proxied.StatusCode);
    }

    /// <summary>A token that has passed twice, so that a cache has it, and when it ends at the latest: in seconds, or later where the machine is slow.</summary>
    private static async Task<(string Token, DateTime End)> KeptTokenAsync(RunningGateway gateway, Func<string, Task<bool>>? opens = null)
    {
        for (TimeSpan lifetime = TimeSpan.FromSeconds(4); lifetime < s_late; lifetime *= 2)
        {
            string token = await gateway.TokenAsync("alice", lifetime: lifetime);
            DateTime end = DateTime.UtcNow + lifetime;
            if (await StatusAsync(gateway, "/me", token) == HttpStatusCode.OK && await StatusAsync(gateway, "/me", token) == HttpStatusCode.OK
                && (opens is null || await opens(token)) && DateTime.UtcNow < end - s_left)
            {
                return (token, end);
            }
        }

        throw new TimeoutException($"No token passes twice within {s_late.TotalSeconds:0} s.");
    }

    private static HubConnection Connect(RunningGateway gateway, string token) => new HubConnectionBuilder()
        .WithUrl(new Uri(gateway.Address, "hubs/notices"), HttpTransportType.WebSockets, options => options.AccessTokenProvider = () => Task.FromResult<string?>(token))
        .Build();

    private static async Task<HttpStatusCode> StatusAsync(RunningGateway gateway, string path, string? token)
    {
        using HttpResponseMessage response = await gateway.GetAsync(path, token);
        return response.StatusCode;
    }

    /// <summary>Names are equal in any case: Kestrel writes those that it knows in its own.</summary>
    private static IEnumerable<string?> ValuesOf(JsonDocument headers, string name) => headers.RootElement.EnumerateObject()
        .Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        .SelectMany(static field => field.Value.EnumerateArray().Select(static value => value.GetString()));

    private static Metadata Authorization(string token) => new() { { "authorization", $"Bearer {token}" } };
}
