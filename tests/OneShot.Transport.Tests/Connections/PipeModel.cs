using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Transport.Tests.Connections;

/// <summary>
/// A reader and a writer that are used in any order their contract allows, against what a stream of numbered bytes must look like, with a peer
/// that sends and receives in any pieces, stalls, ends its side or breaks off. For longer by <c>ONESHOT_SOAK_SECONDS</c>; a failure
/// names the seed, <c>ONESHOT_SOAK_SEED</c>.
/// </summary>
public abstract class PipeModel
{
    private const int Rounds = 60;
    private const int MostBytes = 200_000;

    protected abstract Task<PipePair> CreateAsync();

    [Fact]
    public Task What_is_sent_is_read() => ForEachSeedAsync(ReadAsync);

    [Fact]
    public Task What_is_written_is_received() => ForEachSeedAsync(WriteAsync);

    private async Task ForEachSeedAsync(Func<PipePair, Random, Task> run)
    {
        long start = Stopwatch.GetTimestamp();
        int first = Settings.Seed ?? 1;
        for (int seed = first; seed < first + Rounds || Stopwatch.GetElapsedTime(start).TotalSeconds < (Settings.Seconds ?? 0); seed++)
        {
            try
            {
                await using PipePair pair = await CreateAsync();
                await run(pair, new Random(seed)).Soon();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }
        }
    }

    private static async Task ReadAsync(PipePair pair, Random random)
    {
        int total = random.Next(MostBytes);
        bool isBrokenOff = random.Next(5) == 0;
        Task sending = SendAsync(pair, new Random(random.Next()), total, isBrokenOff);
        PipeReader reader = pair.Reader;
        long consumed = 0;
        long examined = 0; // positions in the stream
        long seen = 0;
        int cancels = 0;
        while (true)
        {
            if (random.Next(8) == 0)
            {
                cancels = 1; // two before a read are one
                reader.CancelPendingRead();
            }

            ReadResult result;
            bool isTried = random.Next(4) == 0;
            try
            {
                if (isTried)
                {
                    if (!reader.TryRead(out result))
                    {
                        Assert.Equal(0, cancels);
                        continue;
                    }
                }
                else
                {
                    ValueTask<ReadResult> reading = reader.ReadAsync();
                    if (!reading.IsCompleted && random.Next(4) == 0)
                    {
                        cancels = 1;
                        reader.CancelPendingRead(); // or it has been answered meanwhile: then the next read is
                    }

                    result = await reading;
                }
            }
            catch (Exception exception) when (isBrokenOff && exception is ConnectionResetException)
            {
                break;
            }

            long end = consumed + result.Buffer.Length;
            Pattern.Check(result.Buffer, consumed);
            Assert.True(end >= seen, $"There were {seen} bytes, now there are {end}.");
            Assert.True(end <= total);
            Assert.True(!result.IsCanceled || cancels > 0, "Nobody has cancelled.");
            Assert.True(result.IsCanceled || result.IsCompleted || end > examined, $"All {end} bytes have been examined before ({(isTried ? nameof(reader.TryRead) : nameof(reader.ReadAsync))}), {consumed} consumed, {cancels} cancelled.");
            Assert.True(!result.IsCompleted || isBrokenOff || end == total, $"The end comes behind {end} of {total} bytes.");
            seen = end;
            if (result.IsCanceled)
            {
                cancels = 0;
            }

            int length = (int)result.Buffer.Length; // the buffer is nobody's behind the advance
            int taken = random.Next(length + 1);
            int looked = random.Next(3) == 0 ? random.Next(taken, length + 1) : length;
            bool isOver = result.IsCompleted && (taken == length || random.Next(2) == 0);
            reader.AdvanceTo(result.Buffer.GetPosition(taken), result.Buffer.GetPosition(looked));
            examined = consumed + looked; // the last word counts, also where it goes back
            consumed += taken;
            if (isOver)
            {
                break;
            }
        }

        reader.Complete();
        await sending;
    }

    private static async Task SendAsync(PipePair pair, Random random, int total, bool isBrokenOff)
    {
        await Task.Yield();
        for (int sent = 0; sent < total;)
        {
            int size = Math.Min(total - sent, random.Next(4) == 0 ? random.Next(1, 40_000) : random.Next(1, 300));
            await pair.SendAsync(Pattern.Bytes(size, sent));
            sent += size;
            await StallAsync(random);
        }

        if (isBrokenOff)
        {
            pair.Reset();
        }
        else
        {
            pair.EndSending();
        }
    }

    private static async Task WriteAsync(PipePair pair, Random random)
    {
        int total = random.Next(MostBytes);
        bool isReadPending = random.Next(2) == 0;
        ValueTask<ReadResult> reading = isReadPending ? pair.Reader.ReadAsync() : default; // flushes may be gathered then
        Task receiving = ReceiveAsync(pair, new Random(random.Next()), total);
        PipeWriter writer = pair.Writer;
        int flushed = 0;
        for (int written = 0; written < total;)
        {
            int size = Math.Min(total - written, random.Next(6) == 0 ? random.Next(1, 40_000) : random.Next(1, 200));
            ReadOnlySpan<byte> bytes = Pattern.Bytes(size, written);
            written += size;
            ValueTask<FlushResult> flush = default;
            switch (random.Next(3))
            {
                case 0:
                    flush = writer.WriteAsync(bytes.ToArray());
                    flushed = written;
                    break;
                case 1:
                    bytes.CopyTo(writer.GetSpan(size));
                    writer.Advance(size);
                    break;
                default:
                    bytes.CopyTo(writer.GetMemory(size + random.Next(100)).Span);
                    writer.Advance(size);
                    flush = writer.FlushAsync();
                    flushed = written;
                    break;
            }

            Assert.Equal(written - flushed, writer.UnflushedBytes);
            if (random.Next(10) == 0)
            {
                writer.CancelPendingFlush();
            }

            FlushResult result = await flush;
            Assert.False(result.IsCompleted);
        }

        await writer.FlushAsync();
        writer.Complete();
        await receiving;
        if (isReadPending)
        {
            pair.Reader.CancelPendingRead();
            await Task.WhenAny(reading.AsTask());
        }
    }

    private static async Task ReceiveAsync(PipePair pair, Random random, int total)
    {
        await Task.Yield();
        for (int received = 0; received < total;)
        {
            int size = Math.Min(total - received, random.Next(1, 20_000));
            byte[] bytes = await pair.ReceiveAsync(size);
            Assert.Equal(size, bytes.Length);
            Pattern.Check(bytes, received);
            received += size;
            await StallAsync(random);
        }
    }

    private static async Task StallAsync(Random random)
    {
        switch (random.Next(20))
        {
            case 0:
                await Task.Delay(1);
                break;
            case < 8:
                await Task.Yield();
                break;
        }
    }
}

/// <summary>As the framework's own pipes are: what is asked of ours is not made up.</summary>
public sealed class SystemPipeModelTests : PipeModel
{
    protected override Task<PipePair> CreateAsync() => Task.FromResult<PipePair>(new SystemPipePair());
}

/// <summary>As the transport's are.</summary>
public sealed class SocketPipeModelTests : PipeModel
{
    protected override async Task<PipePair> CreateAsync() => await SocketPipePair.CreateAsync();
}
