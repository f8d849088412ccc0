using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace OneShot.EndToEnd.Tests.Realtime;

/// <summary>SignalR over each of its transports: an upgrade, an event stream beside posts, and requests that wait.</summary>
public sealed class SignalRTests
{
    private const int Large = 200_000;

    public static TheoryData<ServerKind, HttpTransportType> Ways => new MatrixTheoryData<ServerKind, HttpTransportType>(
        [ServerKind.Kestrel, ServerKind.Front, ServerKind.FrontPerRequest, ServerKind.FrontOnTransport],
        [HttpTransportType.WebSockets, HttpTransportType.ServerSentEvents, HttpTransportType.LongPolling]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Calls_streams_and_messages_go_both_ways(ServerKind kind, HttpTransportType transport)
    {
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app => app.MapHub<EchoHub>("/hub"),
            builder => builder.Services.AddSignalR(options => options.MaximumReceiveMessageSize = 2 * Large));
        await using HubConnection connection = new HubConnectionBuilder().WithUrl(new Uri(server.Address, "hub"), transport).Build();
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var received = Channel.CreateUnbounded<string>();
        connection.On<string>("told", text => received.Writer.TryWrite(text));
        await connection.StartAsync(patience.Token);

        string large = new('l', Large);
        Assert.Equal("echo: Grüße", await connection.InvokeAsync<string>("Echo", "Grüße", patience.Token));
        Assert.Equal($"echo: {large}", await connection.InvokeAsync<string>("Echo", large, patience.Token));
        await connection.SendAsync("TellAll", "hello all", patience.Token);
        Assert.Equal("hello all", await received.Reader.ReadAsync(patience.Token));

        List<int> counted = await connection.StreamAsync<int>("Count", 50, patience.Token).ToListAsync(patience.Token);
        Assert.Equal(Enumerable.Range(0, 50), counted);
        Assert.Equal(1225, await connection.InvokeAsync<int>("Sum", Enumerable.Range(0, 50).ToAsyncEnumerable(), patience.Token));

        // Calls that overlap, answered in whichever order.
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => connection.InvokeAsync<string>("Echo", $"{i}", patience.Token)));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"echo: {i}"), answers);
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("Fail", patience.Token));
        await connection.StopAsync(patience.Token);
        Assert.All(server.Log.Errors, error => Assert.StartsWith("FailedInvokingHubMethod", error, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_server_that_stops_lets_its_clients_go(ServerKind kind, HttpTransportType transport)
    {
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app => app.MapHub<EchoHub>("/hub"),
            builder => builder.Services.AddSignalR().Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan));
        await using HubConnection connection = new HubConnectionBuilder().WithUrl(new Uri(server.Address, "hub"), transport).Build();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Closed += _ =>
        {
            closed.SetResult();
            return Task.CompletedTask;
        };
        await connection.StartAsync();

        // The host's own timeout, which is off here, would end a stop that leaves somebody hanging.
        await server.App.StopAsync().WaitAsync(Eventually.Patience);

        await closed.Task.WaitAsync(Eventually.Patience);
    }

    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "SignalR calls instance methods only.")]
    internal sealed class EchoHub : Hub
    {
        public string Echo(string text) => $"echo: {text}";

        public Task TellAll(string text) => Clients.All.SendAsync("told", text);

        public void Fail() => throw new HubException("as asked");

        public async IAsyncEnumerable<int> Count(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await Task.Yield();
                yield return i;
            }
        }

        public async Task<int> Sum(IAsyncEnumerable<int> numbers) => await numbers.SumAsync();
    }
}
