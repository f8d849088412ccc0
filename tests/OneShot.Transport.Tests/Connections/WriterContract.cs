using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace OneShot.Transport.Tests.Connections;

/// <summary>What an application may expect of the writing side, whatever is behind it.</summary>
public abstract class WriterContract
{
    // More than the kernel takes of a peer that does not read, and than may wait beyond that.
    private const int TooMuch = 32 * 1024 * 1024;

    protected abstract Task<PipePair> CreateAsync();

    [Fact]
    public async Task A_negative_size_is_refused()
    {
        await using PipePair pair = await CreateAsync();

        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Writer.GetMemory(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Writer.GetSpan(-1));
    }

    [Fact]
    public async Task More_than_was_given_cannot_be_advanced()
    {
        await using PipePair pair = await CreateAsync();
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Writer.Advance(1));

        int given = pair.Writer.GetMemory().Length;

        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Writer.Advance(given + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Writer.Advance(-1));
        Assert.Equal(0, pair.Writer.UnflushedBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(1024 * 1024)]
    public async Task It_gives_what_is_asked_for(int size)
    {
        await using PipePair pair = await CreateAsync();
        Write(pair.Writer, 10, 0);
        Memory<byte> memory = pair.Writer.GetMemory(size);
        Assert.True(memory.Length >= Math.Max(size, 1));

        int written = Math.Min(memory.Length, 60_000);
        Pattern.Bytes(written, 10).CopyTo(memory);
        pair.Writer.Advance(written);
        Write(pair.Writer, 10, written + 10);
        Task flush = pair.Writer.FlushAsync().AsTask();

        Pattern.Check(await pair.ReceiveAsync(written + 20), 0);
        await flush.Soon();
    }

    [Fact]
    public async Task Memory_that_was_asked_for_and_not_written_sends_nothing()
    {
        await using PipePair pair = await CreateAsync();
        pair.Writer.GetMemory(100);
        pair.Writer.Advance(0);
        pair.Writer.GetMemory(100_000);
        await pair.Writer.FlushAsync().Soon();
        Write(pair.Writer, 10, 0);
        pair.Writer.GetMemory(100_000);
        await pair.Writer.FlushAsync().Soon();
        Write(pair.Writer, 10, 10);
        pair.Writer.Complete();

        byte[] received = await pair.ReceiveAsync(100);

        Assert.Equal(20, received.Length);
        Pattern.Check(received, 0);
    }

    [Fact]
    public async Task Unflushed_bytes_are_counted()
    {
        await using PipePair pair = await CreateAsync();
        Assert.True(pair.Writer.CanGetUnflushedBytes);
        Assert.Equal(0, pair.Writer.UnflushedBytes);

        Write(pair.Writer, 40_000, 0);
        Assert.Equal(40_000, pair.Writer.UnflushedBytes);
        Write(pair.Writer, 2, 40_000);
        Assert.Equal(40_002, pair.Writer.UnflushedBytes);

        await pair.Writer.FlushAsync().Soon();
        Assert.Equal(0, pair.Writer.UnflushedBytes);
        Pattern.Check(await pair.ReceiveAsync(40_002), 0);
    }

    [Fact]
    public async Task A_flush_of_nothing_is_done_at_once()
    {
        await using PipePair pair = await CreateAsync();
        Task<FlushResult> flush = pair.Writer.FlushAsync().AsTask();

        Assert.True(flush.IsCompletedSuccessfully);
        Assert.False((await flush).IsCompleted);
        Assert.False((await pair.Writer.WriteAsync(default).Soon()).IsCanceled);
    }

    [Fact]
    public async Task A_flush_canceled_before_it_began_says_so_once_and_sends_all_the_same()
    {
        await using PipePair pair = await CreateAsync();
        pair.Writer.CancelPendingFlush();
        Write(pair.Writer, 10, 0);

        FlushResult result = await pair.Writer.FlushAsync().Soon();

        Assert.True(result.IsCanceled);
        Assert.False(result.IsCompleted);
        Write(pair.Writer, 10, 10);
        Assert.False((await pair.Writer.FlushAsync().Soon()).IsCanceled);
        Pattern.Check(await pair.ReceiveAsync(20), 0);
    }

    [Fact]
    public async Task A_flush_waits_while_the_peer_does_not_read_and_is_done_when_it_has()
    {
        await using PipePair pair = await CreateAsync();
        (Task<FlushResult> flush, int written) = Fill(pair);

        Pattern.Check(await pair.ReceiveAsync(written), 0);

        FlushResult result = await flush.Soon();
        Assert.False(result.IsCanceled || result.IsCompleted);
        Assert.True(pair.Writer.FlushAsync().AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_flush_that_waits_may_be_looked_at_until_it_is_done()
    {
        await using PipePair pair = await CreateAsync();
        Write(pair.Writer, TooMuch, 0);
        Task<FlushResult> flush = pair.Writer.FlushAsync().Polled();
        Assert.False(flush.IsCompleted);

        Pattern.Check(await pair.ReceiveAsync(TooMuch), 0);

        FlushResult result = await flush.Soon();
        Assert.False(result.IsCanceled);
        Assert.False(result.IsCompleted);
    }

    [Fact]
    public async Task A_flush_that_waits_is_canceled_and_its_bytes_arrive()
    {
        await using PipePair pair = await CreateAsync();
        (Task<FlushResult> flush, int written) = Fill(pair);

        pair.Writer.CancelPendingFlush();

        Assert.True((await flush.Soon()).IsCanceled);
        Write(pair.Writer, 10, written);
        Task<FlushResult> next = pair.Writer.FlushAsync().AsTask();
        Assert.False(next.IsCompleted);
        Pattern.Check(await pair.ReceiveAsync(written + 10), 0);
        Assert.False((await next.Soon()).IsCanceled);
    }

    [Fact]
    public async Task A_token_ends_a_flush_that_waits_and_its_bytes_arrive()
    {
        await using PipePair pair = await CreateAsync();
        (Task<FlushResult> flush, int written) = Fill(pair);
        pair.Writer.CancelPendingFlush();
        await flush.Soon();
        using var source = new CancellationTokenSource();
        Write(pair.Writer, 10, written);
        flush = pair.Writer.FlushAsync(source.Token).AsTask();
        Assert.False(flush.IsCompleted);

        await source.CancelAsync();

        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(flush.Soon);
        Assert.Equal(source.Token, canceled.CancellationToken);
        Pattern.Check(await pair.ReceiveAsync(written + 10), 0);
    }

    [Fact]
    public async Task A_token_that_is_canceled_already_sends_nothing()
    {
        await using PipePair pair = await CreateAsync();
        Write(pair.Writer, 10, 0);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Writer.FlushAsync(new CancellationToken(canceled: true)).Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => pair.Writer.WriteAsync(new byte[10_000], new CancellationToken(canceled: true)).Soon());

        await pair.Writer.FlushAsync().Soon();
        pair.Writer.Complete();
        Pattern.Check(await pair.ReceiveAsync(10), 0);
    }

    [Fact]
    public async Task Cancels_from_other_threads_lose_no_flush()
    {
        const int Most = 4 * 1024 * 1024;
        await using PipePair pair = await CreateAsync();
        using var stop = new CancellationTokenSource();
        Task canceling = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                pair.Writer.CancelPendingFlush();
                await Task.Yield();
            }
        });
        Task<byte[]> receiving = Task.Run(() => pair.ReceiveAsync(Most));

        for (int written = 0; written < Most; written += 16 * 1024)
        {
            await pair.Writer.WriteAsync(Pattern.Bytes(16 * 1024, written)).Soon();
        }

        Pattern.Check(await receiving.Soon(), 0);
        await stop.CancelAsync();
        await canceling.Soon();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4_095)]
    [InlineData(4_096)]
    [InlineData(3 * 1024 * 1024)]
    public async Task A_write_arrives_behind_what_was_written_before(int size)
    {
        await using PipePair pair = await CreateAsync();
        Task<byte[]> receiving = Task.Run(() => pair.ReceiveAsync(20 + (2 * size)));

        Write(pair.Writer, 10, 0);
        await pair.Writer.WriteAsync(Pattern.Bytes(size, 10)).Soon();
        await pair.Writer.WriteAsync(Pattern.Bytes(size, 10 + size)).Soon();
        Write(pair.Writer, 10, 10 + (2 * size));
        await pair.Writer.FlushAsync().Soon();

        Pattern.Check(await receiving.Soon(), 0);
    }

    [Fact]
    public async Task The_application_has_its_memory_back_when_a_write_is_done()
    {
        await using PipePair pair = await CreateAsync();
        (Task<FlushResult> flush, int written) = Fill(pair);
        pair.Writer.CancelPendingFlush();
        await flush.Soon();
        byte[] bytes = Pattern.Bytes(10_000, written);

        Task<FlushResult> write = pair.Writer.WriteAsync(bytes).AsTask();
        pair.Writer.CancelPendingFlush();
        await write.Soon();
        Array.Clear(bytes);

        Pattern.Check(await pair.ReceiveAsync(written + 10_000), 0);
    }

    [Fact]
    public async Task Complete_sends_what_was_not_flushed()
    {
        await using PipePair pair = await CreateAsync();
        Write(pair.Writer, 30_000, 0);

        pair.Writer.Complete();
        pair.Writer.Complete();

        byte[] received = await pair.ReceiveAsync(30_001);
        Assert.Equal(30_000, received.Length);
        Pattern.Check(received, 0);
    }

    [Fact]
    public async Task Complete_sends_what_was_not_flushed_behind_what_waits()
    {
        await using PipePair pair = await CreateAsync();
        (Task<FlushResult> flush, int written) = Fill(pair);
        pair.Writer.CancelPendingFlush();
        await flush.Soon();
        Write(pair.Writer, 30_000, written);

        pair.Writer.Complete();

        byte[] received = await pair.ReceiveAsync(written + 30_001);
        Assert.Equal(written + 30_000, received.Length);
        Pattern.Check(received, 0);
    }

    [Fact]
    public async Task Complete_sends_more_than_the_peer_has_room_for()
    {
        await using PipePair pair = await CreateAsync();
        for (int written = 0; written < TooMuch; written += 64 * 1024)
        {
            Write(pair.Writer, 64 * 1024, written);
        }

        pair.Writer.Complete();

        byte[] received = await pair.ReceiveAsync(TooMuch + 1);
        Assert.Equal(TooMuch, received.Length);
        Pattern.Check(received, 0);
    }

    [Fact]
    public async Task Complete_with_an_error_breaks_off()
    {
        await using PipePair pair = await CreateAsync();
        await pair.Writer.WriteAsync(Pattern.Bytes(10));
        Assert.Equal(10, (await pair.ReceiveAsync(10)).Length);
        Write(pair.Writer, 10, 10);

        pair.Writer.Complete(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<IOException>(() => pair.ReceiveAsync(11));
    }

    [Fact]
    public async Task Nothing_is_written_after_complete()
    {
        await using PipePair pair = await CreateAsync();
        pair.Writer.Complete();

        Assert.Throws<InvalidOperationException>(() => pair.Writer.GetMemory());
        Assert.Throws<InvalidOperationException>(() => pair.Writer.GetSpan());
        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.Writer.WriteAsync(new byte[1]).Soon());
        pair.Writer.CancelPendingFlush();
    }

    [Fact]
    public async Task A_flush_says_that_the_peer_is_gone()
    {
        await using PipePair pair = await CreateAsync();
        pair.Reset();
        FlushResult result = default;
        long written = 0;
        while (!result.IsCompleted)
        {
            result = await pair.Writer.WriteAsync(Pattern.Bytes(1_000, written)).Soon();
            written += 1_000;
            Assert.True(written < TooMuch);
        }

        Write(pair.Writer, 10, 0);
        Assert.True((await pair.Writer.FlushAsync().Soon()).IsCompleted);
        pair.Writer.Complete();
    }

    [Fact]
    public async Task A_flush_that_waits_ends_with_the_peer()
    {
        await using PipePair pair = await CreateAsync();
        (Task<FlushResult> flush, _) = Fill(pair);

        pair.Reset();

        Assert.True((await flush.Soon()).IsCompleted);
    }

    [Fact]
    public async Task A_stream_over_it_writes_and_ends()
    {
        await using PipePair pair = await CreateAsync();
        Task<byte[]> receiving = Task.Run(() => pair.ReceiveAsync(1_000_000));
        await using (Stream stream = pair.Writer.AsStream())
        {
            for (int written = 0; written < 300_000; written += 3_000)
            {
                await stream.WriteAsync(Pattern.Bytes(3_000, written)).Soon();
            }

            await stream.FlushAsync().Soon();
        }

        byte[] received = await receiving.Soon();
        Assert.Equal(300_000, received.Length);
        Pattern.Check(received, 0);
    }

    [Fact]
    public async Task Tls_runs_over_both_sides()
    {
        await using PipePair pair = await CreateAsync();
        using X509Certificate2 certificate = TestCertificate.Make();
        await using var server = new SslStream(new TwoWayStream(pair.Reader.AsStream(), pair.Writer.AsStream()));
        await using var client = new SslStream(new PeerStream(pair), leaveInnerStreamOpen: false, (_, presented, _, _) => presented?.GetCertHashString() == certificate.Thumbprint);
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(certificate, clientCertificateRequired: false, SslProtocols.None, checkCertificateRevocation: false),
            client.AuthenticateAsClientAsync("localhost")).Soon();

        Task there = Task.Run(async () =>
        {
            await client.WriteAsync(Pattern.Bytes(20_000)).Soon();
            await client.FlushAsync().Soon();
        });
        Task back = Task.Run(async () =>
        {
            byte[] buffer = new byte[2_000];
            for (int echoed = 0; echoed < 20_000;)
            {
                int read = await server.ReadAsync(buffer).Soon();
                await server.WriteAsync(buffer.AsMemory(0, read)).Soon();
                echoed += read;
            }
        });
        byte[] received = new byte[20_000];
        await client.ReadExactlyAsync(received).Soon();

        await Task.WhenAll(there, back).Soon();
        Pattern.Check(received, 0);
    }

    /// <summary>Has a flush wait.</summary>
    private static (Task<FlushResult> Flush, int Written) Fill(PipePair pair)
    {
        // At once: what the kernel still takes of it later, while it moves bytes on to the peer's buffer, does not end the waiting.
        const int Count = TooMuch / 4;
        Write(pair.Writer, Count, 0);
        Task<FlushResult> flush = pair.Writer.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);
        return (flush, Count);
    }

    private static void Write(PipeWriter writer, int count, long from)
    {
        // In uneven pieces, so that they end at other places than blocks do.
        for (int written = 0; written < count;)
        {
            int piece = Math.Min(count - written, 9_973);
            Pattern.Bytes(piece, from + written).CopyTo(writer.GetSpan(piece));
            writer.Advance(piece);
            written += piece;
        }
    }
}
