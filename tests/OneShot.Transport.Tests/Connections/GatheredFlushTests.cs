using System.Buffers;
using System.IO.Pipelines;
using OneShot.Transport.Native;
using OneShot.Transport.Tests.Faults;

namespace OneShot.Transport.Tests.Connections;

/// <summary>Flushes that follow each other from outside of the loop, as those of HTTP/2's streams do.</summary>
[Collection(OneAtATime.Name)]
public sealed class GatheredFlushTests
{
    private const int Flushes = 1_000;
    private const int Size = 10;

    [Fact]
    public async Task While_a_reader_waits_they_are_sent_together_and_in_order()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        using var sends = new SendCounter();
        ValueTask<ReadResult> reading = pair.Reader.ReadAsync();
        Assert.False(reading.IsCompleted);
        sends.Begin();

        await FlushAsync(pair.Writer);

        Assert.Equal(Numbers(), await pair.ReceiveAsync(Flushes * Size));
        Assert.InRange(sends.Count, 1, Flushes / 2);
        pair.Reader.CancelPendingRead();
        await reading;
    }

    [Fact]
    public async Task While_none_waits_each_is_sent_before_it_returns()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        using var sends = new SendCounter();
        sends.Begin();

        await FlushAsync(pair.Writer);

        Assert.Equal(Flushes, sends.Count);
        Assert.Equal(Numbers(), await pair.ReceiveAsync(Flushes * Size));
    }

    /// <summary>What was put off is not lost where the writer ends, or the connection, before it is sent.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(50)]
    public async Task What_was_gathered_goes_out_before_the_end(int flushes)
    {
        for (int round = 0; round < 200; round++)
        {
            await using SocketPipePair pair = await SocketPipePair.CreateAsync();
            ValueTask<ReadResult> reading = pair.Reader.ReadAsync();
            for (int i = 0; i < flushes; i++)
            {
                pair.Writer.Write("0123456789"u8);
                await pair.Writer.FlushAsync();
            }

            pair.Writer.Complete();
            Assert.Equal(flushes * Size, (await pair.ReceiveAsync((flushes * Size) + 1)).Length);
            await Task.WhenAny(reading.AsTask()).Soon(); // with the connection's end, or an exception for it
        }
    }

    /// <summary>A block is 16 KiB: one for each flush would let a client that does not read take a thousand times what it was sent.</summary>
    [Fact]
    public async Task Small_flushes_that_wait_take_about_their_size()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync(options => options.MaxWriteBufferSize = 64 << 20);
        FlushResult filling = await pair.Writer.WriteAsync(new byte[32 << 20]); // more than the kernel takes
        Assert.False(filling.IsCompleted);
        long before = GC.GetTotalAllocatedBytes();

        await FlushAsync(pair.Writer);

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1 << 20); // a thousand blocks are 16 MiB
    }

    private static async Task FlushAsync(PipeWriter writer)
    {
        for (int i = 0; i < Flushes; i++)
        {
            Assert.True(i.TryFormat(writer.GetSpan(Size), out _, "D10", provider: null));
            writer.Advance(Size);
            FlushResult flush = await writer.FlushAsync();
            Assert.False(flush.IsCompleted || flush.IsCanceled);
        }
    }

    private static byte[] Numbers() => [.. Enumerable.Range(0, Flushes).SelectMany(i => System.Text.Encoding.ASCII.GetBytes(i.ToString("D10", provider: null)))];

    private sealed class SendCounter : FaultPlan
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override int Decide(SystemCall call, ref nuint length)
        {
            if (call is SystemCall.Send or SystemCall.SendMessage)
            {
                Interlocked.Increment(ref _count);
            }

            return 0;
        }
    }
}
