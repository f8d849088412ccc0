using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using OneShot.Transport.Buffers;
using OneShot.Transport.Loops;
using OneShot.Transport.Native;

namespace OneShot.Transport.Connections;

/// <summary>
/// The bytes a peer sends, taken out of the socket when the application asks for them, into blocks of the connection's loop.
/// </summary>
/// <remarks>
/// <para>One reader at a time, as with every <see cref="PipeReader"/>; <see cref="CancelPendingRead"/> from any thread. While a reader
/// waits, everything here belongs to whoever takes its waiting back (<see cref="ReadSignal"/>): the loop, which reads for it and runs
/// it on, a canceller, or the connection's end.</para>
/// <para>A receive that fills less than it was offered has emptied the socket, so the next look waits for the loop's word first. Not so
/// where there is no word any more: <see cref="SocketConnection.MayReceiveLess"/>.</para>
/// <para>The first read leaves it to the loop to look, also if bytes are there: it comes from whoever starts the connection, and its handler
/// would keep a thread of the thread pool, where other connections wait to be started.</para>
/// <para>A read that is cancelled shows what has come, also what nobody had taken out of the socket yet: who stops reading because nothing comes is not to miss what has.</para>
/// <para>While nothing is there and nobody has bytes, a reader holds no block.</para>
/// </remarks>
internal sealed class SocketReader(SocketConnection connection) : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem
{
    // Not readonly: they are changed in place.
    private AnswerSource<ReadResult> _source;
    private ReadSignal _signal;

    private ReceivedBytes _received; // not readonly: changed in place
    private bool _isTold; // the loop has been asked to tell of bytes
    private bool _mustWait; // the socket was empty, and nothing was said since
    private bool _isReading;
    private volatile bool _hasMore;
    private volatile bool _isPending; // a read waits or is being answered: until it is, all of this is with who answers it
    private volatile bool _isCompleted;
    private volatile int _receives;
    private bool _isEnded;
    private Exception? _error;
    private int _isCanceled;
    private TurnPlace _dispatchedPlace;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;

    /// <summary>A read waits, or is being answered.</summary>
    internal bool IsPending => _isPending && _source.Stage != AnswerStage.Answered; // who has not come for the answer yet may never do so

    /// <summary>How often bytes were received: tells the writer one batch of them from the next.</summary>
    internal int Receives => _receives;

    /// <summary>Whether the last advance has left bytes that were received already.</summary>
    internal bool HasMore => _hasMore;

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfNotAllowed();
        if (Interlocked.Exchange(ref _isCanceled, 0) != 0)
        {
            LookForCanceled();
            result = Begin(isCanceled: true);
            return true;
        }

        if (!_isTold)
        {
            _isTold = true; // before it looks: who finds nothing now is told of what comes
            connection.TellOfBytes();
        }

        if (!_received.HasUnexamined && !_isEnded && _error is null && (!_mustWait || connection.IsClosed))
        {
            Receive();
        }
        else if (!_received.HasUnexamined && !_isEnded && _error is null && _signal.State == ReadSignalState.Signalled)
        {
            _ = _signal.TryWait(); // takes the word: it is looked at now
            Receive();
        }

        if (_error is not null)
        {
            throw Rethrown(_error);
        }

        if (!_received.HasUnexamined && !_isEnded)
        {
            result = default;
            return false;
        }

        result = Begin(isCanceled: false);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotAllowed();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        while (true)
        {
            if (Interlocked.Exchange(ref _isCanceled, 0) != 0)
            {
                LookForCanceled();
                return new ValueTask<ReadResult>(Begin(isCanceled: true));
            }

            if (_received.HasUnexamined || _isEnded)
            {
                return _error is null ? new ValueTask<ReadResult>(Begin(isCanceled: false)) : ValueTask.FromException<ReadResult>(Rethrown(_error));
            }

            if (!_mustWait && _isTold)
            {
                if (Receive() == ReceiveResult.Failed)
                {
                    return ValueTask.FromException<ReadResult>(Rethrown(_error!));
                }

                continue;
            }

            _received.ReleaseEmptyBlock(connection.Blocks);
            DropRegistration(); // of a read whose answer nobody has come for
            _source.Reset();
            _isPending = true;
            short version = _source.Version;
            if (cancellationToken.CanBeCanceled)
            {
                _token = cancellationToken;
                _registration = cancellationToken.UnsafeRegister(static state => ((SocketReader)state!).CancelByToken(), this);
            }

            bool isFirst = !_isTold;
            _isTold = true; // before others may answer, and the next read begins
            if (!_signal.TryWait())
            {
                _isTold = !isFirst;
                _isPending = false;
                _mustWait = false;
                DropRegistration();
                continue;
            }

            // From here on the read may be answered by others.
            if (isFirst)
            {
                connection.TellOfBytes();
            }

            // Who asked before we waited must not be missed.
            if ((Volatile.Read(ref _isCanceled) != 0 || connection.IsClosed || cancellationToken.IsCancellationRequested) && _signal.TryTake())
            {
                _isPending = false;
                DropRegistration();
                if (cancellationToken.IsCancellationRequested)
                {
                    return ValueTask.FromCanceled<ReadResult>(cancellationToken);
                }

                _mustWait = !connection.IsClosed;
                continue;
            }

            return new ValueTask<ReadResult>(this, version);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isCompleted)
        {
            throw NotAllowedAfterComplete();
        }

        if (!_isReading)
        {
            throw new InvalidOperationException("No reading operation to complete.");
        }

        // Positions of a result without bytes have no block.
        if (consumed.GetObject() is Block block)
        {
            _hasMore = _received.Advance(block, consumed.GetInteger(), examined, connection.Blocks);
        }

        _isReading = false;
    }

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _isCanceled, 1);
        if (!_signal.TryTake())
        {
            return;
        }

        if (Interlocked.Exchange(ref _isCanceled, 0) != 0)
        {
            LookForCanceled();
            Answer(Begin(isCanceled: true), error: null, TurnPlace.Elsewhere);
        }
        else
        {
            _ = ReadForReader(TurnPlace.Elsewhere); // an earlier read has said it meanwhile, and this one waits on
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        bool waited = _signal.TryTake();
        _isCompleted = true;
        if (!waited && _isPending)
        {
            return; // the kernel may be writing into a block at this moment: they are left to the garbage collector
        }

        _received.Release(connection.Blocks);
        if (waited)
        {
            Answer(default, NotAllowedAfterComplete(), TurnPlace.Elsewhere);
        }
    }

    /// <summary>The loop: something can be read, or the end.</summary>
    /// <returns>Whether the reader was answered, and has gone on, on this thread.</returns>
    internal bool OnReadable(TurnPlace place) => _signal.Signal() && ReadForReader(place) && place == TurnPlace.Loop;

    /// <summary>For whoever has taken the reader's waiting back: answers the reader with what is there, or lets it wait on.</summary>
    /// <returns>Whether it was answered.</returns>
    private bool ReadForReader(TurnPlace place)
    {
        _mustWait = false;
        while (true)
        {
            ReceiveResult result = Receive();
            if (result != ReceiveResult.Nothing)
            {
                Answer(result == ReceiveResult.Failed ? default : Begin(isCanceled: false), _error, place);
                return true;
            }

            // A word without anything behind it. The reader waits on, unless something has happened meanwhile.
            if (_signal.TryWait())
            {
                bool isCalledOff = Volatile.Read(ref _isCanceled) != 0 || connection.IsClosed || _isCompleted || _token.IsCancellationRequested;
                if (!isCalledOff || !_signal.TryTake())
                {
                    return false;
                }

                if (Interlocked.Exchange(ref _isCanceled, 0) != 0)
                {
                    Answer(Begin(isCanceled: true), error: null, place);
                    return true;
                }

                if (_token.IsCancellationRequested)
                {
                    Answer(default, new OperationCanceledException(_token), place);
                    return true;
                }

                if (_isCompleted)
                {
                    Answer(default, NotAllowedAfterComplete(), place);
                    return true;
                }
            }

            _mustWait = false;
        }
    }

    /// <summary>The connection is over: a reader that waits hears so.</summary>
    internal void OnClosed()
    {
        if (_signal.TryTake())
        {
            Fail(connection.ReadFailure);
            Answer(default, _error, TurnPlace.Elsewhere);
        }
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        DropRegistration();
        if (_source.Stage == AnswerStage.Answered)
        {
            _isPending = false; // nobody has awaited it
        }

        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (_source.OnCompleted(continuation, state, token, flags))
        {
            Dispatch(TurnPlace.Elsewhere); // not here: the caller has not come back from its await
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        TurnPlace place = _dispatchedPlace;
        ThreadUsage before = ThreadUsage.Now();
        connection.BeginDispatchedTurn();
        RunReader();
        connection.EndDispatchedTurn(before, place);
    }

    /// <summary>For whoever has taken the reader's waiting back.</summary>
    private void Answer(ReadResult result, Exception? error, TurnPlace place)
    {
        error = error is null or OperationCanceledException or InvalidOperationException ? error : Rethrown(error);
        if (place == TurnPlace.Loop && _source.Stage == AnswerStage.Awaited)
        {
            _isPending = false;
            _source.Run(result, error);
            return;
        }

        _source.Keep(result, error);
        if (!_source.TryMeet())
        {
            return;
        }

        if (place == TurnPlace.Loop)
        {
            RunReader();
        }
        else
        {
            Dispatch(place);
        }
    }

    private void RunReader()
    {
        _isPending = false;
        _source.Run();
    }

    private void Dispatch(TurnPlace place)
    {
        _dispatchedPlace = place;
        connection.Dispatch(this, place);
    }

    private void CancelByToken()
    {
        if (_signal.TryTake())
        {
            Answer(default, new OperationCanceledException(_token), TurnPlace.Elsewhere);
        }
    }

    private void DropRegistration()
    {
        if (_token.CanBeCanceled)
        {
            _registration.Dispose();
            _registration = default;
            _token = default;
        }
    }

    /// <summary>For whoever owns all of this and is about to say that a read is cancelled. What fails here the next read tells.</summary>
    private void LookForCanceled()
    {
        if (!_received.HasUnexamined && !_isEnded)
        {
            _ = Receive();
        }
    }

    /// <summary>One look into the socket.</summary>
    private unsafe ReceiveResult Receive()
    {
        if (!connection.Descriptor.TryUse())
        {
            Fail(connection.ReadFailure);
            return ReceiveResult.Failed;
        }

        Block block = _received.TailWithRoom(connection.Blocks);
        int room = block.Room;
        nint received;
        int error = 0;
        fixed (byte* free = block.Free.Span)
        {
            do
            {
                received = Libc.Receive(connection.Descriptor.Number, free, (nuint)room, flags: 0);
                error = received < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (error == Errno.Interrupted);
        }

        connection.Descriptor.Release();
        switch (received)
        {
            case > 0:
                block.FillForReaders((int)received);
                _receives++;
                connection.Metrics.Received(received);
                _mustWait = received < room && !connection.MayReceiveLess;
                return ReceiveResult.Bytes;
            case 0:
                _isEnded = true;
                _received.ReleaseEmptyBlock(connection.Blocks);
                connection.OnReadEnd();
                return ReceiveResult.End;
            default:
                _received.ReleaseEmptyBlock(connection.Blocks);
                if (error == Errno.Again)
                {
                    _mustWait = true;
                    return ReceiveResult.Nothing;
                }

                Fail(connection.OnReadError(error));
                return ReceiveResult.Failed;
        }
    }

    private void Fail(Exception error)
    {
        _error ??= error;
        _isEnded = true;
    }

    private ReadResult Begin(bool isCanceled)
    {
        _isReading = true;
        return new ReadResult(
            _received.Sequence,
            isCanceled,
            isCompleted: _isEnded && _error is null); // a failure is the next read's, where this one was cancelled
    }

    private void ThrowIfNotAllowed()
    {
        if (_isCompleted)
        {
            throw NotAllowedAfterComplete();
        }

        if (_isReading || IsPending)
        {
            throw new InvalidOperationException("Reading is already in progress.");
        }
    }

    private static InvalidOperationException NotAllowedAfterComplete() => new("Reading is not allowed after reader was completed.");

    /// <summary>An exception that is thrown again and again gets a stack of its own each time.</summary>
    private static Exception Rethrown(Exception error) => SocketFailure.Again(error);
}
