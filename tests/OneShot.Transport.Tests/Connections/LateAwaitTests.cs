using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using OneShot.Transport.Tests.Servers;

#pragma warning disable CA2012, xUnit1031 // The point is to await it late.

namespace OneShot.Transport.Tests.Connections;

/// <summary>
/// What waits is answered by another thread before it is awaited. It goes on although the thread pool is held up.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class LateAwaitTests
{
    private const int TooMuch = 32 * 1024 * 1024;

    [Fact]
    public async Task A_read_goes_on_without_the_thread_pool()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        for (int i = 0; i < 5; i++)
        {
            ValueTaskAwaiter<ReadResult> read = pair.Reader.ReadAsync().GetAwaiter();
            Assert.False(read.IsCompleted);
            await pair.SendAsync(Pattern.Bytes(100, i * 100));
            await Limit.Until(() => read.IsCompleted);

            Assert.True(IsRunOn(read.UnsafeOnCompleted));

            ReadResult result = read.GetResult();
            Pattern.Check(result.Buffer, i * 100);
            pair.Reader.AdvanceTo(result.Buffer.End);
        }
    }

    [Fact]
    public async Task A_flush_goes_on_without_the_thread_pool()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        Pattern.Bytes(TooMuch, 0).CopyTo(pair.Writer.GetMemory(TooMuch));
        pair.Writer.Advance(TooMuch);
        ValueTaskAwaiter<FlushResult> flush = pair.Writer.FlushAsync().GetAwaiter();
        Assert.False(flush.IsCompleted);
        Pattern.Check(await pair.ReceiveAsync(TooMuch), 0);
        await Limit.Until(() => flush.IsCompleted);

        Assert.True(IsRunOn(flush.UnsafeOnCompleted));

        Assert.False(flush.GetResult().IsCompleted);
    }

    private static bool IsRunOn(Action<Action> onCompleted)
    {
        using var pool = new HeldUpPool(queued: 200);
        using var isRun = new ManualResetEventSlim();
        onCompleted(isRun.Set);
        return isRun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
