using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using OneShot.Transport.Buffers;
using OneShot.Transport.Loops;
using OneShot.Transport.Native;

namespace OneShot.Transport.Connections;

/// <summary>
/// One accepted socket: the pipes over it, and its end. What the loop is told of it goes to the reader and the writer; what ends it,
/// from whatever thread, comes together in <see cref="Close"/>, which happens once.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "DisposeAsync does, in Kestrel's way of naming it.")]
internal sealed class SocketConnection : EventTarget
{
    private readonly EventLoop _loop;
    private readonly SocketReader _reader;
    private readonly SocketWriter _writer;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closedSource = new();
    private readonly TaskCompletionSource _closedToken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile Exception? _closeReason; // why nothing goes in or out any more; null while it does
    private volatile bool _hasPeerClosed;
    private volatile bool _hasUrgent;
    private int _isClosedTokenFired;
    private volatile TurnKind _turnKind; // of the present turn on the loop, as the watchdog sees it
    private Conduct _conduct;
    private volatile int _turnOf; // the thread that is in OnReady, or 0
    private int _dispatchedTurnOf; // the thread that is in a dispatched turn, the latest if there are two, or 0
    private int _dispatchedTurns; // that have begun
    private Sending? _sending; // made when it is first needed

    public SocketConnection(EventLoop loop, Descriptor descriptor, EndPoint? localEndPoint, EndPoint? remoteEndPoint, MemoryPool<byte> memory, long maxWriteBuffer, ILogger logger)
    {
        _loop = loop;
        _logger = logger;
        Descriptor = descriptor;
        MaxWriteBuffer = maxWriteBuffer;
        _reader = new SocketReader(this);
        _writer = new SocketWriter(this);
        Context = new SocketConnectionContext(this, new Duplex(_reader, _writer), memory)
        {
            LocalEndPoint = localEndPoint,
            RemoteEndPoint = remoteEndPoint,
            ConnectionClosed = _closedSource.Token,
        };
    }

    public SocketConnectionContext Context { get; }

    public Descriptor Descriptor { get; }

    public BlockPool Blocks => _loop.Blocks;

    public TransportMetrics Metrics => _loop.Metrics;

    /// <summary>Bytes the kernel has not taken, beyond which a flush waits.</summary>
    public long MaxWriteBuffer { get; }

    /// <summary>
    /// A receive may bring less than there is to come, and no event tells of the rest: the peer has closed its side, or has sent urgent
    /// data, before which a receive ends. tcp(7)
    /// </summary>
    public bool MayReceiveLess => _hasPeerClosed || _hasUrgent;

    /// <summary>
    /// What a reader is told whose socket is closed. Where the peer has ended the connection and a server has given it up for that, it is
    /// the peer's end, an <see cref="IOException"/>: Kestrel's transport has read that before it tells of the end.
    /// </summary>
    public Exception ReadFailure => _closeReason is Ended reason && _hasPeerClosed
        ? new ConnectionResetException("The client has closed the connection.", reason)
        : _closeReason!;

    public bool IsClosed => _closeReason is not null;

    /// <summary>A reader waits for bytes, or is being given some.</summary>
    public bool IsReadPending => _reader.IsPending;

    /// <summary>The calling thread is in this connection's turn, on the loop, where the watchdog watches that, or dispatched.</summary>
    public bool IsInTurn => DispatchedTurn != 0 || (_turnOf == Environment.CurrentManagedThreadId && _loop.IsIn(this));

    /// <summary>The dispatched turn that the calling thread is in; 0 for none. The watchdog is to be told what it puts off (<see cref="Expect"/>).</summary>
    public int DispatchedTurn => Volatile.Read(ref _dispatchedTurnOf) == Environment.CurrentManagedThreadId ? _dispatchedTurns : 0;

    /// <summary>Bytes were received that the reader has not taken yet.</summary>
    public bool HasMore => _reader.HasMore;

    /// <summary>Tells what was received from what was received before.</summary>
    public int Receives => _reader.Receives;

    /// <summary>The loop's word comes from here on, but for bytes and their end: who is told of the end first gives up what was sent before.</summary>
    public void Start()
    {
        _loop.Metrics.Opened(); // before: a loop that stops may close it at once
        try
        {
            _loop.Register(this, Descriptor, EpollEvents.Writable);
        }
        catch when (!IsClosed)
        {
            _loop.Metrics.Closed();
            throw;
        }
    }

    /// <summary>A reader waits for the first time: the loop tells of bytes and their end from here on, also of what is there.</summary>
    public void TellOfBytes()
    {
        if (_loop.Modify(this, Descriptor, EpollEvents.Readable | EpollEvents.Urgent | EpollEvents.Writable | EpollEvents.PeerClosed) is not 0 and var error)
        {
            CloseForError(error); // nobody would answer the reader
        }
    }

    internal override bool OnReady(EpollEvents events)
    {
        const EpollEvents Ends = EpollEvents.PeerClosed | EpollEvents.HangUp | EpollEvents.Error;
        if ((events & Ends) != 0)
        {
            _hasPeerClosed = true; // before the reader looks
        }
        else if ((events & EpollEvents.Urgent) != 0)
        {
            _hasUrgent = true;
        }

        TurnPlace place = _loop.PlaceOf(_conduct.IsSuspect, _conduct.IsTried);
        bool mustDispatch = place != TurnPlace.Loop;
        bool hasServed = false;
        if ((events & (EpollEvents.Writable | Ends)) != 0 && !_writer.HasDeferred) // that has not been tried yet, and others are going to
        {
            // What goes on there may block until it has read: then the reader below must have been told.
            bool isReadable = (events & (EpollEvents.Readable | Ends)) != 0;
            _writer.OnWritable(mustDispatch || isReadable);
        }

        if ((events & (EpollEvents.Readable | Ends)) != 0)
        {
            _turnOf = Environment.CurrentManagedThreadId;
            try
            {
                hasServed = _reader.OnReadable(place);
            }
            finally
            {
                if (_turnOf == Environment.CurrentManagedThreadId)
                {
                    _turnOf = 0; // and not of a thread that has taken the loop over, and is in the next turn
                }

                if (!mustDispatch && _turnKind == TurnKind.Quick)
                {
                    _conduct.On(TurnKind.Quick);
                }

                _turnKind = TurnKind.Quick;
                if (!mustDispatch)
                {
                    _writer.SendDeferred(mustDispatch: false);
                }

                if ((events & Ends) != 0)
                {
                    // Where a reader waited it has found the end by itself; where none did, the application hears of it while it works.
                    FireClosedToken();
                }
            }
        }

        return hasServed;
    }

    /// <summary>A handler that blocks may also be waiting for just the end that came with its bytes.</summary>
    internal override void OnHeldUp(TurnKind kind)
    {
        if (_turnKind == TurnKind.Quick)
        {
            _turnKind = kind;
            _conduct.On(kind); // now: the next request may come before this turn is over
        }

        _turnOf = 0; // nothing more is put off in this call-out
        _writer.OnHeldUp();
        if (_hasPeerClosed)
        {
            FireClosedToken();
        }
    }

    /// <summary>The writer has put bytes off: a work item sends them.</summary>
    internal void SendSoon() => ThreadPool.UnsafeQueueUserWorkItem(_sending ??= new Sending(this), preferLocal: false);

    /// <summary>The writer has put bytes off: where they have not been sent by then, the watchdog does.</summary>
    internal void Expect() => _loop.Expect(this);

    internal override void OnOverdue() => Send(static writer => writer.SendOverdue());

    internal override void OnStopped() => Close(new ConnectionAbortedException("The transport has stopped."), isReset: true);

    /// <summary>Ends it at once, whatever is still to be sent; the peer sees a reset. Kestrel gives no reason where the peer has gone before.</summary>
    public void Abort(ConnectionAbortedException? reason)
    {
        _writer.SendBeforeAbort();
        Close(reason ?? new Ended(), isReset: reason is not null);
    }

    /// <summary>Both pipes are done with: waits until everything is sent and the socket is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _reader.Complete();
        _writer.Complete();
        await _closed.Task;
        await _closedToken.Task;
        _closedSource.Dispose();
    }

    /// <summary>What waits for the connection goes on, not on this thread.</summary>
    internal void Dispatch(IThreadPoolWorkItem turn, TurnPlace place) => _loop.Dispatch(turn, place, _conduct.IsComputing);

    /// <summary>A turn begins that was dispatched: at most one of a connection at a time, but the one before may not have come to its end.</summary>
    internal void BeginDispatchedTurn()
    {
        _dispatchedTurns = _dispatchedTurns == int.MaxValue ? 1 : _dispatchedTurns + 1;
        Volatile.Write(ref _dispatchedTurnOf, Environment.CurrentManagedThreadId);
    }

    /// <summary>A turn is over that was dispatched: sends what was put off in it.</summary>
    /// <param name="before">Of the thread that has run it.</param>
    /// <param name="place">Where it was to run.</param>
    internal void EndDispatchedTurn(in ThreadUsage before, TurnPlace place)
    {
        // The next turn may have begun, on another thread: its mark stays.
        Interlocked.CompareExchange(ref _dispatchedTurnOf, 0, Environment.CurrentManagedThreadId);
        if (_writer.IsTurnOwing)
        {
            Send(static writer => writer.SendDeferred(mustDispatch: true));
        }

        TurnKind kind = before.KindOfTurn(_loop.HandOverAfter);
        if (place == TurnPlace.Shared)
        {
            _loop.OnSharedTurn();
        }
        else if (!_conduct.IsSuspect)
        {
            _loop.OnDispatchedTurn(kind);
        }

        _conduct.On(kind);
    }

    /// <summary>The reader has seen the peer's end.</summary>
    internal void OnReadEnd()
    {
        TransportLog.ReadFin(_logger, Context.ConnectionId);
        FireClosedToken();
    }

    /// <returns>What the reader throws.</returns>
    internal Exception OnReadError(int errno) => CloseForError(errno);

    internal void OnWriteError(int errno) => CloseForError(errno);

    internal void OnWriterFailed(Exception exception)
    {
        TransportLog.Failed(_logger, Context.ConnectionId, exception);
        Close(exception, isReset: true);
    }

    /// <summary>The application has written all, and the kernel has taken it.</summary>
    internal void OnWritesEnded() => Close(new Ended(), isReset: false);

    private Exception CloseForError(int errno)
    {
        Exception reason = SocketFailure.Of(errno);
        if (!IsClosed)
        {
            if (reason is ConnectionResetException)
            {
                TransportLog.Reset(_logger, Context.ConnectionId);
            }
            else
            {
                TransportLog.Failed(_logger, Context.ConnectionId, reason);
            }
        }

        Close(reason, isReset: false);
        return _closeReason is Ended ? reason : _closeReason!; // who has just given it up knew no more than that it ends
    }

    private unsafe void Close(Exception reason, bool isReset)
    {
        if (Interlocked.CompareExchange(ref _closeReason, reason, null) is not null)
        {
            return;
        }

        TransportLog.WriteFin(_logger, Context.ConnectionId, reason.Message);
        if (Descriptor.TryUse())
        {
            if (isReset)
            {
                var now = new Libc.LingerOption { IsOn = 1, Seconds = 0 };
                _ = Libc.SetOption(Descriptor.Number, Libc.SocketLevel, Libc.Linger, &now, sizeof(Libc.LingerOption));
            }
            else
            {
                _ = Libc.Shutdown(Descriptor.Number, Libc.ShutdownBoth);
            }

            Descriptor.Release();
        }

        _loop.Remove(this);
        Descriptor.Close();
        Context.ReleaseSocket(); // after: from there on nobody is given one
        _reader.OnClosed();
        _writer.OnClosed();
        FireClosedToken();
        Metrics.Closed();
        _closed.TrySetResult();
    }

    /// <remarks>Nobody is there to catch what is thrown, and the rest of the bytes would wait for ever.</remarks>
    private void Send(Action<SocketWriter> send)
    {
        try
        {
            send(_writer);
        }
        catch (Exception exception)
        {
            TransportLog.CallOutFailed(_logger, exception);
            Close(exception, isReset: true);
        }
    }

    /// <summary>On the thread pool: whatever has registered with the token must not hold up a loop.</summary>
    private void FireClosedToken()
    {
        if (_isClosedTokenFired == 0 && Interlocked.Exchange(ref _isClosedTokenFired, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.CancelClosedToken(), this, preferLocal: false);
        }
    }

    private void CancelClosedToken()
    {
        try
        {
            _closedSource.Cancel();
        }
        catch (Exception exception)
        {
            TransportLog.CallOutFailed(_logger, exception);
        }

        _closedToken.TrySetResult();
    }

    private sealed class Sending(SocketConnection connection) : IThreadPoolWorkItem
    {
        public void Execute() => connection.Send(static writer => writer.SendGathered());
    }

    /// <summary>Nobody has given another reason.</summary>
    private sealed class Ended() : ConnectionAbortedException("The Socket transport's send loop completed gracefully.");

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
