using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Loops;

/// <summary>A loop's thread comes to the next connection as it came to the first, as a thread of the pool does.</summary>
public sealed class ThreadStateTests
{
    private readonly AsyncLocal<string?> _local = new();

    [Fact]
    public async Task What_a_continuation_has_set_on_its_thread_does_not_reach_the_next()
    {
        // Never taken over: both are to have the same thread.
        await using TransportServer server = await TransportServer.StartAsync(options => options.HandOverAfter = TimeSpan.FromMinutes(1));
        (Socket client, ConnectionContext connection) first = await server.ConnectAsync();
        (Socket client, ConnectionContext connection) second = await server.ConnectAsync();

        await AnswerOnLoopAsync(first, () =>
        {
            _local.Value = "the first one's";
            ExecutionContext.SuppressFlow();
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        });

        string? seen = "nothing";
        SynchronizationContext? context = null;
        bool isSuppressed = true;
        await AnswerOnLoopAsync(second, () => (seen, context, isSuppressed) = (_local.Value, SynchronizationContext.Current, ExecutionContext.IsFlowSuppressed()));
        Assert.Null(seen);
        Assert.Null(context);
        Assert.False(isSuppressed);
        await EndAsync(first);
        await EndAsync(second);
    }

    /// <summary>By what no async method wraps: that would put back what was there before.</summary>
    private static async Task AnswerOnLoopAsync((Socket Client, ConnectionContext Connection) pair, Action act)
    {
        Task<ReadResult> read = pair.Connection.Transport.Input.ReadAsync().AsTask();
        var isOnLoop = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
        {
            act();
            isOnLoop.SetResult(EchoService.IsOnLoop);
        });
        await pair.Client.SendAsync(new byte[1]);
        Assert.True(await isOnLoop.Task.Soon());
        pair.Connection.Transport.Input.AdvanceTo((await read).Buffer.End);
    }

    private static async Task EndAsync((Socket Client, ConnectionContext Connection) pair)
    {
        pair.Client.Dispose();
        pair.Connection.Abort();
        await pair.Connection.DisposeAsync().Soon();
    }
}
