using System.Buffers;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using OneShot.Transport.Tests.Faults;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Connections;

/// <summary>Flushes that follow each other from outside of the loop, as those of HTTP/2's streams do.</summary>
[Collection(OneAtATime.Name)]
public sealed class GatheredFlushTests
{
    private const int Flushes = 1_000;
    private const int Size = 10;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task While_a_reader_waits_they_are_sent_together_and_in_order()
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        using var sends = new SendCounter();
        ValueTask<ReadResult> reading = pair.Reader.ReadAsync();
        Assert.False(reading.IsCompleted);
        sends.Begin();

        using (new HeldUpPool(queued: 16 * Environment.ProcessorCount)) // a work item could run behind each flush: then each is sent by itself, which is right as well
        {
            byte[] received = await Task.Factory.StartNew(
                () =>
                {
                    Assert.True(FlushAsync(pair.Writer).IsCompletedSuccessfully);
                    return pair.Receive(Flushes * Size, s_patience);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.Equal(Numbers(), received);
        }

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
        await pair.ReceiveAsync(32 << 20);
        Assert.Equal(Numbers(), await pair.ReceiveAsync(Flushes * Size));
    }

    /// <summary>Handlers that wait for a client which waits for the bytes that they have just flushed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thread_pool_without_a_free_thread_does_not_keep_them(bool isCompleted)
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        ValueTask<ReadResult> reading = pair.Reader.ReadAsync();
        using (new HeldUpPool(queued: 16 * Environment.ProcessorCount))
        {
            byte[] received = await Task.Factory.StartNew(
                () =>
                {
                    for (int i = 0; i < 3; i++)
                    {
                        pair.Writer.Write("0123456789"u8);
                        Assert.True(pair.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
                    }

                    if (isCompleted)
                    {
                        pair.Writer.Complete();
                    }

                    return pair.Receive(3 * Size, s_patience);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.Equal(3 * Size, received.Length);
        }

        pair.Reader.CancelPendingRead();
        await Task.WhenAny(reading.AsTask()).Soon();
    }

    /// <summary>Flushed by the caller, by a work item, by the loop: nothing is sent twice, and nothing is lost.</summary>
    [Fact]
    public async Task A_listener_of_the_metrics_that_throws_changes_nothing()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == OneShotTransportMeter.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidTimeZoneException("The listener fails."));
        listener.Start();
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        ValueTask<ReadResult> reading = pair.Reader.ReadAsync();

        await FlushAsync(pair.Writer);

        Assert.Equal(Numbers(), await pair.ReceiveAsync(Flushes * Size));
        await pair.SendAsync("ab"u8.ToArray());
        Assert.Equal(2, (await reading.Soon()).Buffer.Length);
    }

    /// <summary>Whoever learns of the peer's end, it is told to a log: one that throws must not keep the connection from ending.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_throws_lets_a_connection_end(bool isReset)
    {
        using var loggers = new LoggerFactory([new FailingLog()], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        await using SocketPipePair pair = await SocketPipePair.CreateAsync(loggers: loggers);
        ValueTask<ReadResult> reading = pair.Reader.ReadAsync();
        if (isReset)
        {
            pair.Reset();
        }
        else
        {
            pair.EndSending();
        }

        await Task.WhenAny(reading.AsTask()).Soon();
        for (int i = 0; isReset && i < 3; i++)
        {
            pair.Writer.Write("0123456789"u8);
            await pair.Writer.FlushAsync().Soon();
        }

        pair.Writer.Complete();
        await pair.Connection.DisposeAsync().Soon();
    }

    /// <summary>A flush of nothing, in the turn on the loop, with bytes in hand: all that defers is there, but something to defer.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flush_of_nothing_within_the_turn_is_done_at_once(bool hasMemory)
    {
        await using SocketPipePair pair = await SocketPipePair.CreateAsync();
        Task<FlushResult> turn = ServeAsync();
        await pair.SendAsync("ab"u8.ToArray());

        FlushResult flush = await turn.Soon();

        Assert.False(flush.IsCompleted || flush.IsCanceled);
        await FlushAsync(pair.Writer);
        Assert.Equal(Numbers(), await pair.ReceiveAsync(Flushes * Size));

        async Task<FlushResult> ServeAsync()
        {
            ReadResult read = await pair.Reader.ReadAsync().ConfigureAwait(false);
            pair.Reader.AdvanceTo(read.Buffer.GetPosition(1));
            if (hasMemory)
            {
                pair.Writer.GetMemory();
            }

            return await pair.Writer.FlushAsync().ConfigureAwait(false);
        }
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

    private sealed class FailingLog : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidTimeZoneException("The log fails.");

        public void Dispose()
        {
        }
    }
}
