using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Tests.Http1.Response;

/// <summary>Writes during a flush, over a transport that allows none.</summary>
public sealed class ConcurrentPipeWriterTests : IDisposable
{
    private readonly StrictWriter _transport = new() { Waits = true };
    private readonly CountingPool _pool = new();
    private readonly ConcurrentPipeWriter _writer;

    public ConcurrentPipeWriterTests() => _writer = new ConcurrentPipeWriter(_transport, _pool);

    public void Dispose()
    {
        _transport.Dispose();
        _pool.Dispose();
    }

    private string Flushed => Encoding.ASCII.GetString(_transport.Flushed);

    private Task<FlushResult> Send(string text)
    {
        _writer.Write(Encoding.ASCII.GetBytes(text));
        return _writer.FlushAsync().AsTask();
    }

    [Fact]
    public async Task A_flush_completes_with_its_bytes_and_not_with_those_behind_it()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");
        Task<FlushResult> third = Send("three");
        Assert.True(_writer.IsFlushing);

        Assert.True(_transport.TryEndFlush());
        await first;
        Assert.Equal("one", Flushed);
        Assert.False(second.IsCompleted);

        Task<FlushResult> fourth = Send("four");
        Assert.True(_transport.TryEndFlush());
        await second;
        await third;
        Assert.Equal("onetwothree", Flushed);
        Assert.False(fourth.IsCompleted);

        Assert.True(_transport.TryEndFlush());
        await fourth;
        Assert.Equal("onetwothreefour", Flushed);
        Assert.False(_writer.IsFlushing);
        Assert.Equal(0, _pool.Rented);
    }

    [Fact]
    public async Task Without_a_flush_in_the_way_bytes_go_straight_to_the_transport()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");
        _transport.TryEndFlush();
        _transport.TryEndFlush();
        await first;
        await second;

        _transport.Waits = false;
        Assert.True(Send("three").IsCompletedSuccessfully);
        Assert.Equal("onetwothree", Flushed);
        Assert.Equal(0, _pool.Rented);
    }

    [Fact]
    public async Task Unflushed_bytes_are_those_nobody_has_asked_to_flush()
    {
        _writer.Write("one"u8);
        Assert.Equal(3, _writer.UnflushedBytes);
        Task<FlushResult> first = _writer.FlushAsync().AsTask();
        Assert.Equal(0, _writer.UnflushedBytes);
        _writer.Write("four"u8);
        Assert.Equal(4, _writer.UnflushedBytes);
        _transport.TryEndFlush();
        await first;
        Assert.Equal(4, _writer.UnflushedBytes);
        _writer.Write("fives"u8);
        Assert.Equal(9, _writer.UnflushedBytes);

        _transport.Waits = false;
        await _writer.FlushAsync();
        Assert.Equal(0, _writer.UnflushedBytes);
        Assert.Equal("onefourfives", Flushed);
    }

    [Fact]
    public async Task What_nobody_has_asked_to_flush_does_not_go_out_with_a_flush_before_it()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");
        byte[] large = new byte[10_000]; // more than a block
        large.AsSpan().Fill((byte)'x');
        _writer.Write(large);
        _transport.TryEndFlush();
        _transport.TryEndFlush();
        await first;
        await second;
        Assert.Equal("onetwo", Flushed);
        Assert.Equal(large.Length, _writer.UnflushedBytes);

        _transport.Waits = false;
        await Send("three");
        Assert.Equal($"onetwo{new string('x', large.Length)}three", Flushed);
        Assert.Equal(0, _pool.Rented);
    }

    [Fact]
    public async Task The_queue_does_not_wait_for_the_context_of_who_has_filled_it()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        Task<FlushResult> second;
        try
        {
            SynchronizationContext.SetSynchronizationContext(new DeafContext());
            _ = Send("one");
            second = Send("two");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        _transport.TryEndFlush();
        _transport.TryEndFlush();
        await second;
        Assert.Equal("onetwo", Flushed);
        Assert.False(_writer.IsFlushing);
    }

    [Fact]
    public async Task Memory_got_during_a_flush_is_good_after_it()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");
        Memory<byte> memory = _writer.GetMemory(5);
        _transport.TryEndFlush();
        await first;
        _transport.TryEndFlush();
        await second;

        "three"u8.CopyTo(memory.Span);
        _writer.Advance(2);
        _writer.Advance(3);
        _transport.Waits = false;
        await _writer.FlushAsync();

        Assert.Equal("onetwothree", Flushed);
        Assert.Equal(0, _pool.Rented);
        _pool.AssertUntouched();
    }

    [Fact]
    public async Task More_than_a_block_at_once_is_queued_too()
    {
        string large = new('x', 3 * CountingPool.BlockSize);
        Task<FlushResult> first = Send("one");
        Encoding.ASCII.GetBytes(large).CopyTo(_writer.GetSpan(large.Length));
        _writer.Advance(large.Length);
        Task<FlushResult> second = Send("two");
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Advance(CountingPool.BlockSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.Advance(-1));

        _transport.TryEndFlush();
        _transport.TryEndFlush();
        await first;
        await second;
        Assert.Equal("one" + large + "two", Flushed);
    }

    [Fact]
    public async Task All_that_wait_hear_of_a_cancelled_flush_and_their_bytes_still_go_out()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");

        _writer.CancelPendingFlush();
        Assert.True((await first).IsCanceled);
        Assert.True((await second).IsCanceled);

        Task<FlushResult> third = Send("three");
        Assert.False(third.IsCompleted);
        _transport.TryEndFlush();
        _transport.TryEndFlush();
        Assert.False((await third).IsCanceled);
        Assert.Equal("onetwothree", Flushed);
    }

    [Fact]
    public async Task A_flush_that_asks_for_nothing_new_does_not_outlive_the_one_before_it()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = _writer.FlushAsync().AsTask();

        _transport.TryEndFlush(new FlushResult(isCanceled: false, isCompleted: true));

        Assert.True((await first).IsCompleted);
        Assert.True((await second).IsCompleted);
        Assert.Equal(1, _transport.Flushes);
    }

    [Fact]
    public async Task A_flush_that_fails_is_the_last()
    {
        var failure = new IOException("gone");
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");
        Memory<byte> memory = _writer.GetMemory(5);

        _transport.FailFlush(failure);
        Assert.Same(failure, await Assert.ThrowsAsync<IOException>(() => first));
        Assert.Same(failure, await Assert.ThrowsAsync<IOException>(() => second));

        memory.Span.Fill((byte)'x'); // by an application that does not know yet
        _writer.Advance(5);
        Assert.Same(failure, await Assert.ThrowsAsync<IOException>(() => Send("three")));
        Assert.Equal(1, _transport.Flushes);

        await _writer.CompleteAsync();
        Assert.True(_transport.IsCompleted);
        Assert.Equal(0, _pool.Rented);
        _pool.AssertUntouched();
    }

    [Fact]
    public async Task A_later_flush_that_fails_is_the_last_too()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");
        _transport.TryEndFlush();
        await first;
        Task<FlushResult> third = Send("three");

        _transport.FailFlush(new IOException("gone"));

        await Assert.ThrowsAsync<IOException>(() => second);
        await Assert.ThrowsAsync<IOException>(() => third);
        Assert.Equal(0, _pool.Rented);
    }

    [Fact]
    public async Task The_end_waits_for_the_flush_and_for_what_is_queued_behind_it()
    {
        Task<FlushResult> first = Send("one");
        Task<FlushResult> second = Send("two");
        _writer.Write("three"u8);
        Task completing = _writer.CompleteAsync().AsTask();
        Assert.False(_transport.IsCompleted);

        _transport.TryEndFlush();
        _transport.TryEndFlush();
        await first;
        await second;
        await completing;

        Assert.True(_transport.IsCompleted);
        Assert.Equal("onetwothree", Flushed);
        Assert.Equal(0, _pool.Rented);
    }

    [Fact]
    public async Task The_end_that_cannot_be_waited_for_comes_all_the_same()
    {
        var failure = new IOException("told to the transport");
        Task<FlushResult> first = Send("one");
        _writer.Complete(failure);
        Assert.False(_transport.IsCompleted);

        _transport.TryEndFlush();

        await first;
        await Transport.Eventually.HoldsAsync(() => _transport.IsCompleted);
        Assert.Same(failure, _transport.CompletedWith);
    }

    [Fact]
    public async Task A_transport_that_has_ended_by_itself_takes_the_queue_with_it()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2, resumeWriterThreshold: 1));
        var writer = new ConcurrentPipeWriter(pipe.Writer, _pool);
        Task<FlushResult> first = writer.WriteAsync("one"u8.ToArray()).AsTask();
        writer.Write("two"u8);
        pipe.Reader.CancelPendingRead();
        pipe.Writer.CancelPendingFlush();
        pipe.Writer.Complete();

        Assert.True((await first).IsCanceled);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.FlushAsync());
        await writer.CompleteAsync();
        Assert.Equal(0, _pool.Rented);
    }

    /// <summary>Runs nothing.</summary>
    private sealed class DeafContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
