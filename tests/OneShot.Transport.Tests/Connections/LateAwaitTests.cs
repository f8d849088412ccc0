using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using OneShot.Transport.Tests.Servers;

#pragma warning disable CA2012, xUnit1031 // The point is to await it late.

namespace OneShot.Transport.Tests.Connections;

/// <summary>
/// What waits is answered by another thread before it is awaited. It goes on on a thread of the transport: the thread pool may have none for as long as it likes.
/// </summary>
public sealed class LateAwaitTests
{
    private const int TooMuch = 32 * 1024 * 1024;

    [Fact]
    public async Task A_read_goes_on_on_a_thread_of_the_transport()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        for (int i = 0; i < 20; i++)
        {
            ValueTaskAwaiter<ReadResult> read = pair.Reader.ReadAsync().GetAwaiter();
            Assert.False(read.IsCompleted);
            await pair.SendAsync(Pattern.Bytes(100, i * 100));
            await Limit.Until(() => read.IsCompleted);

            Assert.True(await IsRunOnByTransportAsync(read.UnsafeOnCompleted));

            ReadResult result = read.GetResult();
            Pattern.Check(result.Buffer, i * 100);
            pair.Reader.AdvanceTo(result.Buffer.End);
        }
    }

    [Fact]
    public async Task A_flush_goes_on_on_a_thread_of_the_transport()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        Pattern.Bytes(TooMuch, 0).CopyTo(pair.Writer.GetMemory(TooMuch));
        pair.Writer.Advance(TooMuch);
        ValueTaskAwaiter<FlushResult> flush = pair.Writer.FlushAsync().GetAwaiter();
        Assert.False(flush.IsCompleted);
        Pattern.Check(await pair.ReceiveAsync(TooMuch), 0);
        await Limit.Until(() => flush.IsCompleted);

        Assert.True(await IsRunOnByTransportAsync(flush.UnsafeOnCompleted));

        Assert.False(flush.GetResult().IsCompleted);
    }

    private static async Task<bool> IsRunOnByTransportAsync(Action<Action> onCompleted)
    {
        var runOn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        onCompleted(() => runOn.SetResult(EchoService.IsOnLoop));
        return await runOn.Task.Soon();
    }
}
