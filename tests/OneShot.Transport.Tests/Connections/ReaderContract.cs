using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Transport.Tests.Connections;

/// <summary>What an application may expect of the reading side, whatever is behind it.</summary>
public abstract class ReaderContract
{
    private const int SeveralBlocks = 100_000;

    protected abstract Task<PipePair> CreateAsync();

    [Fact]
    public async Task Nothing_is_there_to_try_before_the_peer_sends()
    {
        await using PipePair pair = await CreateAsync();

        Assert.False(pair.Reader.TryRead(out ReadResult result));
        Assert.True(result.Buffer.IsEmpty);
        Assert.False(pair.Reader.TryRead(out _));
    }

    [Fact]
    public async Task What_was_sent_can_be_tried_for_again_and_again()
    {
        await using PipePair pair = await CreateAsync();
        for (int i = 0; i < 20; i++)
        {
            await pair.SendAsync(Pattern.Bytes(100, i * 100));

            ReadResult result = default;
            await Limit.Until(() => pair.Reader.TryRead(out result));

            Assert.Equal(100, result.Buffer.Length);
            Assert.False(result.IsCompleted);
            Pattern.Check(result.Buffer, i * 100);
            pair.Reader.AdvanceTo(result.Buffer.End);
            Assert.False(pair.Reader.TryRead(out _));
        }
    }

    [Fact]
    public async Task A_read_waits_for_the_peer()
    {
        await using PipePair pair = await CreateAsync();
        for (int i = 0; i < 20; i++)
        {
            Task<ReadResult> read = pair.Reader.ReadAsync().AsTask();
            Assert.False(read.IsCompleted);

            await pair.SendAsync(Pattern.Bytes(7, i * 7));

            ReadResult result = await read.Soon();
            Assert.Equal(7, result.Buffer.Length);
            Assert.False(result.IsCompleted || result.IsCanceled);
            Pattern.Check(result.Buffer, i * 7);
            pair.Reader.AdvanceTo(result.Buffer.End);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_waits_may_be_looked_at_until_it_is_done(bool isCanceled)
    {
        await using PipePair pair = await CreateAsync();
        for (int i = 0; i < 20; i++)
        {
            Task<ReadResult> read = pair.Reader.ReadAsync().Polled();
            Assert.False(read.IsCompleted);
            if (isCanceled)
            {
                pair.Reader.CancelPendingRead();
            }
            else
            {
                await pair.SendAsync(Pattern.Bytes(100, i * 100));
            }

            ReadResult result = await read.Soon();
            Assert.Equal(isCanceled, result.IsCanceled);
            Assert.Equal(isCanceled ? 0 : 100, result.Buffer.Length);
            Pattern.Check(result.Buffer, i * 100);
            pair.Reader.AdvanceTo(result.Buffer.End);
        }
    }

    [Fact]
    public async Task A_read_that_was_taken_back_says_so_to_who_looks()
    {
        await using PipePair pair = await CreateAsync();
        using var cancellation = new CancellationTokenSource();
        Task<ReadResult> read = pair.Reader.ReadAsync(cancellation.Token).Polled();
        Assert.False(read.IsCompleted);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.Soon());
        Assert.False(pair.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_read_for_at_least_so_many_bytes_waits_for_all_of_them()
    {
        await using PipePair pair = await CreateAsync();
        Task<ReadResult> read = pair.Reader.ReadAtLeastAsync(SeveralBlocks).AsTask();
        for (int sent = 0; sent < SeveralBlocks; sent += 10_000)
        {
            Assert.False(read.IsCompleted);
            await pair.SendAsync(Pattern.Bytes(10_000, sent));
        }

        ReadResult result = await read.Soon();
        Assert.Equal(SeveralBlocks, result.Buffer.Length);
        Pattern.Check(result.Buffer, 0);
        pair.Reader.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task A_read_for_at_least_so_many_bytes_gives_fewer_at_the_end()
    {
        await using PipePair pair = await CreateAsync();
        Task<ReadResult> read = pair.Reader.ReadAtLeastAsync(50).AsTask();
        await pair.SendAsync(Pattern.Bytes(20));
        Assert.False(read.IsCompleted);
        pair.EndSending();

        ReadResult result = await read.Soon();
        Assert.Equal(20, result.Buffer.Length);
        Assert.True(result.IsCompleted);
        pair.Reader.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task What_was_not_examined_is_read_again_at_once()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(10));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(10).Soon();
        pair.Reader.AdvanceTo(result.Buffer.GetPosition(3), result.Buffer.GetPosition(9));

        Task<ReadResult> again = pair.Reader.ReadAsync().AsTask();

        Assert.True(again.IsCompleted);
        result = await again;
        Assert.Equal(7, result.Buffer.Length);
        Pattern.Check(result.Buffer, 3);
        pair.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.GetPosition(1));
        Assert.True(pair.Reader.TryRead(out result));
        Assert.Equal(7, result.Buffer.Length);
        pair.Reader.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task What_was_examined_and_not_consumed_comes_again_with_what_follows()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(10));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(10).Soon();
        pair.Reader.AdvanceTo(result.Buffer.GetPosition(4), result.Buffer.End);
        Assert.False(pair.Reader.TryRead(out _));

        Task<ReadResult> again = pair.Reader.ReadAsync().AsTask();
        Assert.False(again.IsCompleted);
        await pair.SendAsync(Pattern.Bytes(5, 10));

        result = await again.Soon();
        Assert.Equal(11, result.Buffer.Length);
        Pattern.Check(result.Buffer, 4);
        pair.Reader.AdvanceTo(result.Buffer.End);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 - 1)]
    [InlineData(33_333)]
    public async Task Bytes_are_consumed_across_blocks_in_pieces_of_any_size(int piece)
    {
        int all = piece == 1 ? 40_000 : 500_000;
        await using PipePair pair = await CreateAsync();
        Task sending = Task.Run(() => pair.SendAsync(Pattern.Bytes(all)));
        long consumed = 0;
        while (consumed < all)
        {
            ReadResult result = await pair.Reader.ReadAsync().Soon();
            Pattern.Check(result.Buffer.Slice(0, Math.Min(piece + 1, result.Buffer.Length)), consumed);
            long take = Math.Min(piece, result.Buffer.Length);
            pair.Reader.AdvanceTo(result.Buffer.GetPosition(take));
            consumed += take;
        }

        await sending.Soon();
        Assert.Equal(all, consumed);
    }

    [Fact]
    public async Task All_is_kept_until_it_is_consumed()
    {
        await using PipePair pair = await CreateAsync();
        Task sending = Task.Run(() => pair.SendAsync(Pattern.Bytes(300_000)));
        long length = 0;
        while (length < 300_000)
        {
            ReadResult result = await pair.Reader.ReadAsync().Soon();
            Assert.True(result.Buffer.Length > length);
            length = result.Buffer.Length;
            Pattern.Check(result.Buffer, 0);
            pair.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        await sending.Soon();
        pair.EndSending();
        ReadResult last = await pair.Reader.ReadAsync().Soon();
        Assert.True(last.IsCompleted);
        Pattern.Check(last.Buffer, 0);
        Assert.Equal(300_000, last.Buffer.Length);
        pair.Reader.AdvanceTo(last.Buffer.GetPosition(299_999));
        Assert.True(pair.Reader.TryRead(out last));
        Assert.Equal(1, last.Buffer.Length);
        Assert.Equal(Pattern.At(299_999), last.Buffer.FirstSpan[0]);
        pair.Reader.AdvanceTo(last.Buffer.End);
    }

    [Fact]
    public async Task A_read_canceled_before_it_began_says_so_once()
    {
        await using PipePair pair = await CreateAsync();
        pair.Reader.CancelPendingRead();

        Task<ReadResult> read = pair.Reader.ReadAsync().AsTask();

        Assert.True(read.IsCompleted);
        ReadResult result = await read;
        Assert.True(result.IsCanceled);
        Assert.False(result.IsCompleted);
        Assert.True(result.Buffer.IsEmpty);
        pair.Reader.AdvanceTo(result.Buffer.End);
        Assert.False(pair.Reader.TryRead(out _));

        read = pair.Reader.ReadAsync().AsTask();
        Assert.False(read.IsCompleted);
        await pair.SendAsync(Pattern.Bytes(1));
        Assert.False((await read.Soon()).IsCanceled);
    }

    [Fact]
    public async Task A_try_to_read_after_a_cancel_says_so_once()
    {
        await using PipePair pair = await CreateAsync();
        pair.Reader.CancelPendingRead();

        Assert.True(pair.Reader.TryRead(out ReadResult result));

        Assert.True(result.IsCanceled);
        pair.Reader.AdvanceTo(result.Buffer.Start);
        Assert.False(pair.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Several_cancels_before_a_read_are_one()
    {
        await using PipePair pair = await CreateAsync();
        pair.Reader.CancelPendingRead();
        pair.Reader.CancelPendingRead();

        Assert.True((await pair.Reader.ReadAsync().Soon()).IsCanceled);
        pair.Reader.AdvanceTo(default);
        Assert.False(pair.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_canceled_read_shows_the_bytes_that_are_there()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(10));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(10).Soon();
        pair.Reader.AdvanceTo(result.Buffer.GetPosition(4), result.Buffer.End);
        pair.Reader.CancelPendingRead();

        result = await pair.Reader.ReadAsync().Soon();

        Assert.True(result.IsCanceled);
        Assert.Equal(6, result.Buffer.Length);
        Pattern.Check(result.Buffer, 4);
        pair.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        Assert.False(pair.Reader.TryRead(out _));
    }

    /// <summary>Who gives a connection up because nothing comes must not miss what has come, though nobody has looked for it yet.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_canceled_read_shows_what_has_come_since(bool hasRead, bool tries)
    {
        await using PipePair pair = await CreateAsync();
        if (hasRead)
        {
            await pair.SendAsync(Pattern.Bytes(10));
            ReadResult before = await pair.Reader.ReadAtLeastAsync(10).Soon();
            pair.Reader.AdvanceTo(before.Buffer.End);
        }

        await pair.SendAsync(Pattern.Bytes(5, 10));
        pair.Reader.CancelPendingRead();
        ReadResult result;
        if (tries)
        {
            Assert.True(pair.Reader.TryRead(out result));
        }
        else
        {
            result = await pair.Reader.ReadAsync().Soon();
        }

        Assert.True(result.IsCanceled);
        Assert.False(result.IsCompleted);
        Assert.Equal(5, result.Buffer.Length);
        Pattern.Check(result.Buffer, 10);
        pair.Reader.AdvanceTo(result.Buffer.End);
        Assert.False(pair.Reader.TryRead(out _));
        await pair.SendAsync(Pattern.Bytes(5, 15));
        result = await pair.Reader.ReadAsync().Soon();
        Assert.False(result.IsCanceled);
        Pattern.Check(result.Buffer, 15);
    }

    [Fact]
    public async Task A_read_is_canceled_while_it_waits_and_the_next_one_is_not()
    {
        await using PipePair pair = await CreateAsync();
        for (int i = 0; i < 100; i++)
        {
            Task<ReadResult> read = pair.Reader.ReadAsync().AsTask();
            Assert.False(read.IsCompleted);
            pair.Reader.CancelPendingRead();

            ReadResult result = await read.Soon();
            Assert.True(result.IsCanceled);
            pair.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        await pair.SendAsync(Pattern.Bytes(3));
        ReadResult bytes = await pair.Reader.ReadAsync().Soon();
        Assert.False(bytes.IsCanceled);
        Assert.Equal(3, bytes.Buffer.Length);
        pair.Reader.AdvanceTo(bytes.Buffer.End);
    }

    [Fact]
    public async Task Cancels_from_other_threads_neither_lose_a_byte_nor_a_wake()
    {
        const int Pieces = 3_000;
        await using PipePair pair = await CreateAsync();
        using var stop = new CancellationTokenSource();
        Task[] cancelers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                pair.Reader.CancelPendingRead();
                await Task.Yield();
            }
        }))];
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < Pieces; i++)
            {
                await pair.SendAsync(Pattern.Bytes(50, i * 50));
                if (i % 7 == 0)
                {
                    await Task.Yield();
                }
            }

            pair.EndSending();
        });

        long read = 0;
        while (true)
        {
            ReadResult result = await pair.Reader.ReadAsync().Soon();
            Pattern.Check(result.Buffer, read);
            read += result.Buffer.Length;
            pair.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll([.. cancelers, sending]).Soon();
        Assert.Equal(Pieces * 50, read);
    }

    [Fact]
    public async Task A_token_that_is_canceled_already_takes_nothing()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(3));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Reader.ReadAsync(new CancellationToken(canceled: true)).Soon());

        ReadResult result = await pair.Reader.ReadAtLeastAsync(3).Soon();
        Assert.Equal(3, result.Buffer.Length);
        pair.Reader.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task A_token_ends_a_read_that_waits_and_the_next_one_goes_on()
    {
        await using PipePair pair = await CreateAsync();
        for (int i = 0; i < 50; i++)
        {
            using var source = new CancellationTokenSource();
            Task<ReadResult> read = pair.Reader.ReadAsync(source.Token).AsTask();
            Assert.False(read.IsCompleted);
            await source.CancelAsync();

            var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(read.Soon);
            Assert.Equal(source.Token, canceled.CancellationToken);
        }

        await pair.SendAsync(Pattern.Bytes(3));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(3).Soon();
        Assert.Equal(3, result.Buffer.Length);
        pair.Reader.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task A_token_that_comes_with_the_bytes_loses_none_of_them()
    {
        await using PipePair pair = await CreateAsync();
        long position = 0;
        for (int i = 0; i < 500; i++)
        {
            using var source = new CancellationTokenSource();
            Task<ReadResult> read = pair.Reader.ReadAsync(source.Token).AsTask();
            Task canceling = Task.Run(source.Cancel);
            await pair.SendAsync(Pattern.Bytes(5, position));
            try
            {
                await read.Soon();
            }
            catch (OperationCanceledException)
            {
                read = pair.Reader.ReadAsync().AsTask();
            }

            ReadResult result = await read.Soon();
            Assert.Equal(5, result.Buffer.Length);
            Pattern.Check(result.Buffer, position);
            pair.Reader.AdvanceTo(result.Buffer.End);
            position += 5;
            await canceling.Soon();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_read_after_complete(bool withError)
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(3));
        await pair.Reader.ReadAsync().Soon();

        pair.Reader.Complete(withError ? new InvalidDataException() : null);
        pair.Reader.Complete();

        Assert.Throws<InvalidOperationException>(() => pair.Reader.TryRead(out _));
        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.Reader.ReadAsync().Soon());
        Assert.Throws<InvalidOperationException>(() => pair.Reader.AdvanceTo(default));
        pair.Reader.CancelPendingRead();
    }

    [Fact]
    public async Task A_reader_can_complete_with_bytes_that_were_not_consumed()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(50_000));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(50_000).Soon();
        pair.Reader.AdvanceTo(result.Buffer.GetPosition(20_000));

        pair.Reader.Complete();
        await pair.Writer.WriteAsync(Pattern.Bytes(5));

        Assert.Equal(5, (await pair.ReceiveAsync(5)).Length);
    }

    [Fact]
    public async Task A_second_read_is_refused_until_the_first_is_done_with()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(3));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(3).Soon();

        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.Reader.ReadAsync().Soon());
        Assert.Throws<InvalidOperationException>(() => pair.Reader.TryRead(out _));

        Pattern.Check(result.Buffer, 0);
        pair.Reader.AdvanceTo(result.Buffer.End);
        Assert.False(pair.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_try_is_refused_while_a_read_waits()
    {
        await using PipePair pair = await CreateAsync();
        Task<ReadResult> read = pair.Reader.ReadAsync().AsTask();

        Assert.Throws<InvalidOperationException>(() => pair.Reader.TryRead(out _));

        await pair.SendAsync(Pattern.Bytes(3));
        Assert.Equal(3, (await read.Soon()).Buffer.Length);
    }

    [Fact]
    public async Task An_advance_without_a_read_is_refused()
    {
        await using PipePair pair = await CreateAsync();
        Assert.Throws<InvalidOperationException>(() => pair.Reader.AdvanceTo(default));

        await pair.SendAsync(Pattern.Bytes(3));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(3).Soon();
        pair.Reader.AdvanceTo(result.Buffer.Start);
        Assert.Throws<InvalidOperationException>(() => pair.Reader.AdvanceTo(result.Buffer.Start));
    }

    [Fact]
    public async Task Examined_before_consumed_is_refused()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(3));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(3).Soon();

        Assert.ThrowsAny<InvalidOperationException>(() => pair.Reader.AdvanceTo(result.Buffer.GetPosition(2), result.Buffer.GetPosition(1)));
    }

    [Fact]
    public async Task The_end_is_told_as_often_as_it_is_asked_for()
    {
        await using PipePair pair = await CreateAsync();
        Task<ReadResult> read = pair.Reader.ReadAsync().AsTask();
        pair.EndSending();

        ReadResult result = await read.Soon();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(result.IsCompleted);
            Assert.False(result.IsCanceled);
            Assert.True(result.Buffer.IsEmpty);
            pair.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await pair.Reader.ReadAsync().Soon();
        }

        pair.Reader.AdvanceTo(result.Buffer.End);
        Assert.True(pair.Reader.TryRead(out result));
        Assert.True(result.IsCompleted);
    }

    [Fact]
    public async Task The_end_comes_with_the_bytes_that_were_examined_only()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(10));
        ReadResult result = await pair.Reader.ReadAtLeastAsync(10).Soon();
        pair.Reader.AdvanceTo(result.Buffer.GetPosition(2), result.Buffer.End);
        pair.EndSending();

        for (int i = 0; i < 3; i++)
        {
            result = await pair.Reader.ReadAsync().Soon();
            Assert.True(result.IsCompleted);
            Assert.Equal(8, result.Buffer.Length);
            Pattern.Check(result.Buffer, 2);
            pair.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    [Fact]
    public async Task All_bytes_before_the_end_are_read()
    {
        await using PipePair pair = await CreateAsync();
        await pair.SendAsync(Pattern.Bytes(40_000));
        pair.EndSending();

        long read = 0;
        ReadResult result;
        do
        {
            result = await pair.Reader.ReadAsync().Soon();
            Pattern.Check(result.Buffer, read);
            read += result.Buffer.Length;
            pair.Reader.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);

        Assert.Equal(40_000, read);
    }

    [Fact]
    public async Task An_application_may_answer_after_the_peer_has_ended()
    {
        await using PipePair pair = await CreateAsync();
        pair.EndSending();
        Assert.True((await pair.Reader.ReadAsync().Soon()).IsCompleted);

        await pair.Writer.WriteAsync(Pattern.Bytes(20_000));

        Pattern.Check(await pair.ReceiveAsync(20_000), 0);
    }

    [Fact]
    public async Task A_cancel_after_the_end_is_told_as_well()
    {
        await using PipePair pair = await CreateAsync();
        pair.EndSending();
        ReadResult result = await pair.Reader.ReadAsync().Soon();
        pair.Reader.AdvanceTo(result.Buffer.End);
        pair.Reader.CancelPendingRead();

        result = await pair.Reader.ReadAsync().Soon();

        Assert.True(result.IsCanceled);
        Assert.True(result.IsCompleted);
    }

    [Fact]
    public async Task A_reset_ends_a_read_that_waits_and_every_later_one()
    {
        await using PipePair pair = await CreateAsync();
        Task<ReadResult> read = pair.Reader.ReadAsync().AsTask();
        pair.Reset();

        await Assert.ThrowsAsync<ConnectionResetException>(read.Soon);
        await Assert.ThrowsAsync<ConnectionResetException>(() => pair.Reader.ReadAsync().Soon());
        Assert.Throws<ConnectionResetException>(() => pair.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_stream_over_it_reads_to_the_end()
    {
        await using PipePair pair = await CreateAsync();
        Task sending = Task.Run(async () =>
        {
            await pair.SendAsync(Pattern.Bytes(200_000));
            pair.EndSending();
        });
        await using Stream stream = pair.Reader.AsStream();
        using var all = new MemoryStream();

        byte[] buffer = new byte[3_001];
        int read;
        while ((read = await stream.ReadAsync(buffer).Soon()) > 0)
        {
            all.Write(buffer, 0, read);
        }

        await sending.Soon();
        Assert.Equal(200_000, all.Length);
        Pattern.Check(all.ToArray(), 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_copied_to_the_end(bool toPipe)
    {
        await using PipePair pair = await CreateAsync();
        Task sending = Task.Run(async () =>
        {
            await pair.SendAsync(Pattern.Bytes(200_000));
            pair.EndSending();
        });
        using var all = new MemoryStream();

        await (toPipe ? pair.Reader.CopyToAsync(PipeWriter.Create(all)) : pair.Reader.CopyToAsync(all)).Soon();

        await sending.Soon();
        Assert.Equal(200_000, all.Length);
        Pattern.Check(all.ToArray(), 0);
    }
}
