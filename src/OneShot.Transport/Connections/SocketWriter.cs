using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using OneShot.Transport.Buffers;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Connections;

/// <summary>
/// The bytes an application answers with: a flush sends them from the thread that flushes, as far as the kernel takes them, or puts them
/// off where others are about to follow.
/// </summary>
/// <remarks>
/// <para>One writer at a time; <see cref="CancelPendingFlush"/> from any thread. What is written and not flushed is the writer's alone.
/// What the kernel has not taken is the backlog: under the lock, sent on by the loop when there is room. While there is a backlog, later
/// flushes queue up behind it.</para>
/// <para>What is put off stands in the backlog, untried, and goes out with what follows it: within the connection's turn at its end
/// (<see cref="IsDeferredByTurn"/>), outside of it by a work item (<see cref="IsGathered"/>). The watchdog sends what is overdue, and what a loop's turn has put off when
/// it finds that turn at work or waiting for too long. An abort tries to send it; what the kernel does not take then is lost, as on Kestrel's transport.</para>
/// <para>A flush completes at once as long as the backlog is within the connection's maximum, as Kestrel's does; else when it has
/// shrunk to half of that.</para>
/// </remarks>
internal sealed class SocketWriter(SocketConnection connection) : PipeWriter, IValueTaskSource<FlushResult>, IThreadPoolWorkItem
{
    /// <summary>Memory of the application that is sent from where it lies, without a copy.</summary>
    private const int LeastSentInPlace = 4 * 1024;

    /// <summary>Bytes that may be put off, whatever is spoken. A server may defer besides, from one response to the next.</summary>
    private const int MostDeferred = 16 * 1024;

    private readonly Lock _lock = new();

    // The writer's.
    private BlockChain _written; // this and the backlog are not readonly: changed in place
    private long _unflushed;
    private FlushRhythm _rhythm; // this and the next are not readonly: changed in place
    private FlushRhythm _rhythmOfTurns;
    private bool _isCompleted;

    // Under the lock; the flag is read without.
    private AnswerSource<FlushResult> _source;
    private BlockChain _backlog;
    private long _backlogBytes;
    private volatile bool _hasBacklog;
    private volatile bool _isDeferred; // the backlog has not been tried yet
    private volatile bool _isTurnOwing; // and a dispatched turn is to send it
    private bool _isSendQueued; // a work item is going to, unless somebody has been faster
    private bool _isExpected; // the watchdog will look whether it was
    private int _expectedTurn; // the dispatched turn that was under way when it was told so
    private int _overdueTurn; // the last one that it had to send for: it puts off no more
    private bool _isFlushWaiting;
    private bool _isCanceled;
    private bool _isClosed;
    private bool _isEnding;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        return _written.TailWithRoom(Math.Max(sizeHint, 1), connection.Blocks).Free;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ThrowIfCompleted();
        if ((uint)bytes > (uint)(_written.Tail?.Room ?? 0))
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "More than GetMemory has given.");
        }

        if (bytes > 0)
        {
            _written.Tail!.Fill(bytes);
            _unflushed += bytes;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<FlushResult>(cancellationToken)
            : Flush([], cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        if (source.Length >= LeastSentInPlace)
        {
            return Flush(source.Span, cancellationToken);
        }

        this.Write(source.Span);
        return Flush([], cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        lock (_lock)
        {
            if (!TryTakeFlush())
            {
                _isCanceled = true;
                return;
            }
        }

        Answer(new FlushResult(isCanceled: true, isCompleted: false), error: null, dispatch: true);
    }

    /// <summary>Sends what is left, then ends the connection.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        _isCompleted = true;
        if (exception is not null)
        {
            _written.Release(connection.Blocks);
            _unflushed = 0;
            SendBeforeAbort();
            connection.OnWriterFailed(exception);
            return;
        }

        if (_unflushed > 0)
        {
            Send([]);
        }

        _written.Release(connection.Blocks);
        _unflushed = 0;
        bool isSent;
        lock (_lock)
        {
            _isEnding = true;
            isSent = !_hasBacklog;
        }

        if (isSent)
        {
            connection.OnWritesEnded();
            return;
        }

        SendDeferred(mustDispatch: true); // nothing follows any more
    }

    /// <summary>Something was put off, and not sent since.</summary>
    internal bool HasDeferred => _isDeferred;

    /// <summary>A dispatched turn has put something off, and it was not sent since.</summary>
    internal bool IsTurnOwing => _isTurnOwing;

    /// <summary>What was put off until the turn ends, or until it takes too long.</summary>
    internal void SendDeferred(bool mustDispatch)
    {
        if (HasDeferred)
        {
            OnWritable(mustDispatch);
        }
    }

    /// <summary>The watchdog: the turn on the loop takes too long to wait for, and the connection defers no more in it.</summary>
    internal void OnHeldUp()
    {
        lock (_lock)
        {
            // A flush that was just deferring has done so, or sees that it may not.
        }

        SendDeferred(mustDispatch: true);
    }

    /// <summary>
    /// What was flushed, and would have been sent had it not been put off, is tried once, also where somebody is just at it: that is waited for. What comes of it is told to nobody.
    /// </summary>
    internal void SendBeforeAbort()
    {
        if (!_hasBacklog)
        {
            return;
        }

        lock (_lock)
        {
            if (_isDeferred)
            {
                ReadOnlySpan<byte> nothing = [];
                _ = SendBacklog(ref nothing);
            }
        }
    }

    /// <summary>The loop: there is room again.</summary>
    internal void OnWritable(bool mustDispatch)
    {
        if (!_hasBacklog)
        {
            return;
        }

        int error;
        bool answer;
        bool isEnd;
        lock (_lock)
        {
            ReadOnlySpan<byte> nothing = [];
            error = SendBacklog(ref nothing);
            answer = error == 0 && _backlogBytes <= connection.MaxWriteBuffer / 2 && TryTakeFlush();
            isEnd = error == 0 && _isEnding && !_hasBacklog;
        }

        if (error != 0)
        {
            connection.OnWriteError(error);
        }

        if (answer)
        {
            Answer(default, error: null, mustDispatch);
        }

        if (isEnd)
        {
            connection.OnWritesEnded();
        }
    }

    /// <summary>The connection is over: nothing is sent any more, and a flush that waits hears so.</summary>
    internal void OnClosed()
    {
        bool answer;
        lock (_lock)
        {
            _isClosed = true;
            _backlog.Release(connection.Blocks);
            _backlogBytes = 0;
            _hasBacklog = false;
            answer = TryTakeFlush();
        }

        if (answer)
        {
            Answer(new FlushResult(isCanceled: false, isCompleted: true), error: null, dispatch: true);
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        if (_token.CanBeCanceled)
        {
            _registration.Dispose();
            _registration = default;
            _token = default;
        }

        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (_source.OnCompleted(continuation, state, token, flags))
        {
            connection.Dispatch(this, TurnPlace.Elsewhere); // not here: the caller has not come back from its await
        }
    }

    void IThreadPoolWorkItem.Execute() => _source.Run();

    /// <summary>Everything that is written, and <paramref name="last"/> behind it.</summary>
    private ValueTask<FlushResult> Flush(ReadOnlySpan<byte> last, CancellationToken cancellationToken)
    {
        if (last.IsEmpty && _unflushed > 0 && (connection.IsInTurn ? IsDeferredByTurn() : IsGathered()))
        {
            return new ValueTask<FlushResult>(default(FlushResult));
        }

        if (_unflushed > 0 || !last.IsEmpty)
        {
            Send(last);
        }

        if (!_hasBacklog && !Volatile.Read(ref _isCanceled) && !connection.IsClosed)
        {
            return new ValueTask<FlushResult>(default(FlushResult));
        }

        lock (_lock)
        {
            if (_isCanceled)
            {
                _isCanceled = false;
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: true, isCompleted: connection.IsClosed));
            }

            if (connection.IsClosed)
            {
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
            }

            if (_backlogBytes <= connection.MaxWriteBuffer)
            {
                return new ValueTask<FlushResult>(default(FlushResult));
            }

            _source.Reset();
            _isFlushWaiting = true;
        }

        if (cancellationToken.CanBeCanceled)
        {
            _token = cancellationToken;
            _registration = cancellationToken.UnsafeRegister(static state => ((SocketWriter)state!).CancelByToken(), this);
        }

        return new ValueTask<FlushResult>(this, _source.Version);
    }

    /// <summary>
    /// It comes from within the connection's turn, and more is likely to be written at once: the reader has bytes in hand (the answers to requests that came together leave
    /// together), or what was received lately was answered by several flushes (a body in chunks, and behind it the last one). Whoever ends the turn sends them, or the watchdog.
    /// </summary>
    private bool IsDeferredByTurn()
    {
        bool isOneOfMany = _rhythmOfTurns.IsOneOfMany(connection.Receives, now: 0); // however late behind the last one: the turn's end comes soon
        if (!isOneOfMany && !connection.HasMore)
        {
            return false;
        }

        bool mustExpect = false;
        lock (_lock)
        {
            int turn = connection.DispatchedTurn;
            if (!connection.IsInTurn || (turn != 0 && turn == _overdueTurn) || !TryPutOff())
            {
                return false;
            }

            if (turn != 0) // the watchdog watches a turn on the loop by itself
            {
                _isTurnOwing = true;
                mustExpect = TryExpect(turn);
            }
        }

        if (mustExpect)
        {
            connection.Expect();
        }

        return true;
    }

    /// <summary>
    /// A reader waits, and answers come by several flushes all the same, one soon after the other (HTTP/2, WebSockets): they go together,
    /// from the end of the thread pool's queue, behind the handlers that stand there already.
    /// </summary>
    private bool IsGathered()
    {
        if (!_rhythm.IsOneOfMany(connection.Receives, Environment.TickCount64) || !connection.IsReadPending)
        {
            return false;
        }

        bool mustExpect;
        lock (_lock)
        {
            if (!TryPutOff())
            {
                return false;
            }

            if (_isSendQueued)
            {
                return true;
            }

            _isSendQueued = true;
            mustExpect = TryExpect(turn: 0);
        }

        connection.SendSoon();
        if (mustExpect)
        {
            connection.Expect();
        }

        return true;
    }

    /// <summary>Under the lock, behind what is put off.</summary>
    /// <returns>Whether the watchdog is to be told. Otherwise it was, and has not looked yet.</returns>
    private bool TryExpect(int turn)
    {
        if (_isExpected)
        {
            return false;
        }

        (_isExpected, _expectedTurn) = (true, turn);
        return true;
    }

    /// <summary>To the backlog, untried. Under the lock.</summary>
    private bool TryPutOff()
    {
        if (_isCanceled || _isClosed || connection.IsClosed || (_hasBacklog && !_isDeferred)
            || _backlogBytes + _unflushed > Math.Min(MostDeferred, connection.MaxWriteBuffer))
        {
            return false;
        }

        _isDeferred = true;
        Append();
        _unflushed = 0;
        return true;
    }

    /// <summary>The work item.</summary>
    internal void SendGathered()
    {
        lock (_lock)
        {
            _isSendQueued = false; // before it sends: what comes from here on asks again
        }

        SendDeferred(mustDispatch: false);
    }

    /// <summary>The watchdog: what was put off before it was told may not have been sent.</summary>
    internal void SendOverdue()
    {
        lock (_lock)
        {
            // Before it sends, as above.
            _isSendQueued = false;
            _isExpected = false;
            _overdueTurn = _isTurnOwing ? _expectedTurn : _overdueTurn;
        }

        SendDeferred(mustDispatch: true);
    }

    private void CancelByToken()
    {
        lock (_lock)
        {
            if (!TryTakeFlush())
            {
                return;
            }
        }

        Answer(default, new OperationCanceledException(_token), dispatch: true);
    }

    /// <summary>Sends all there is, or leaves what the kernel does not take in the backlog.</summary>
    private void Send(ReadOnlySpan<byte> last)
    {
        if (connection.IsClosed)
        {
            // Also while another thread is just about to close it: what is before these bytes may have been lost.
            _written.Release(connection.Blocks);
            _unflushed = 0;
            return;
        }

        int error = 0;
        if (!_hasBacklog)
        {
            error = SocketSender.Send(connection, ref _written, ref last);
            if (_written.IsEmpty && last.IsEmpty)
            {
                _unflushed = 0;
                return;
            }
        }
        else if (_isDeferred && !last.IsEmpty)
        {
            lock (_lock)
            {
                error = AppendBacklog(ref last); // what was put off goes first, and the rest from where it lies
            }

            if (error is 0 && last.IsEmpty)
            {
                _unflushed = 0;
                return;
            }
        }

        if (error is 0)
        {
            if (!last.IsEmpty)
            {
                this.Write(last); // the application's memory is its own again when this returns
            }

            ReadOnlySpan<byte> nothing = [];
            lock (_lock)
            {
                error = AppendBacklog(ref nothing);
            }
        }

        _unflushed = 0;
        if (error != 0)
        {
            _written.Release(connection.Blocks);
            connection.OnWriteError(error);
        }
    }

    /// <summary>
    /// Puts the writer's blocks behind the backlog, and sends once more: the room that the loop was told of may have been before. Under the lock.
    /// </summary>
    /// <param name="last">Behind them, as far as the kernel takes it: less if anything of what is before is left.</param>
    private int AppendBacklog(ref ReadOnlySpan<byte> last)
    {
        if (_isClosed)
        {
            _written.Release(connection.Blocks);
            last = [];
            return 0;
        }

        Append();
        return SendBacklog(ref last);
    }

    /// <summary>Under the lock.</summary>
    private void Append()
    {
        _backlogBytes += _written.Length;
        _backlog.TakeOver(ref _written, connection.Blocks);
        _hasBacklog = !_backlog.IsEmpty;
    }

    /// <summary>Under the lock.</summary>
    /// <returns>errno, or 0.</returns>
    private int SendBacklog(ref ReadOnlySpan<byte> last)
    {
        _isDeferred = false;
        _isTurnOwing = false;
        if (_isClosed || _backlog.IsEmpty)
        {
            _hasBacklog = false;
            return 0;
        }

        int error = SocketSender.Send(connection, ref _backlog, ref last);
        _backlogBytes = _backlog.Length;
        _hasBacklog = !_backlog.IsEmpty; // also after an error: until the connection closes, nothing may go past it
        return error;
    }

    private bool TryTakeFlush()
    {
        bool waited = _isFlushWaiting;
        _isFlushWaiting = false;
        return waited;
    }

    private void Answer(FlushResult result, Exception? error, bool dispatch)
    {
        _source.Keep(result, error);
        if (!_source.TryMeet())
        {
            return;
        }

        if (dispatch)
        {
            connection.Dispatch(this, TurnPlace.Elsewhere);
        }
        else
        {
            _source.Run();
        }
    }

    private void ThrowIfCompleted()
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("Writing is not allowed after writer was completed.");
        }
    }
}
