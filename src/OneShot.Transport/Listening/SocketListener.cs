using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using OneShot.Transport.Connections;
using OneShot.Transport.Loops;
using OneShot.Transport.Native;

namespace OneShot.Transport.Listening;

/// <summary>
/// One listening socket. A loop accepts everything that has queued up and hands the connections out to all loops in turn.
/// </summary>
internal sealed class SocketListener : EventTarget, IConnectionListener
{
    /// <summary>Failures in a row that may each be of a connection in the queue.</summary>
    private const int MostFailures = 64;

    private static readonly TimeSpan s_pauseInShortage = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_betweenWarnings = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(1);

    private readonly EventLoop[] _loops;
    private readonly EventLoop _own;
    private readonly OneShotTransportOptions _options;
    private readonly MemoryPool<byte> _memory;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Socket _socket;
    private readonly Descriptor _descriptor;
    private readonly bool _isTcp;
    private readonly bool _isShared;
    private readonly Channel<ConnectionContext> _accepted =
        Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });

    // The accepting loop's.
    private int _next;
    private long _lastWarning;

    private readonly Lock _accepting = new();
    private readonly ITimer _look;
    private ITimer? _retry;
    private volatile bool _isUnbound;

    private SocketListener(Socket socket, EventLoop[] loops, int ownLoop, OneShotTransportOptions options, MemoryPool<byte> memory, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _loops = loops;
        _own = loops[ownLoop];
        _next = ownLoop;
        _options = options;
        _memory = memory;
        _time = time;
        _logger = logger;
        _isTcp = socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;
        EndPoint = socket.LocalEndPoint!;

        // Without close-on-exec it is meant for other processes too: .NET's own rule for when a socket must not be shut down.
        _isShared = Libc.IsInherited((int)socket.Handle);

        // A number of its own: the socket and its handle close theirs, this one closes with its last user.
        _descriptor = Duplicate(socket);
        _look = CreateTimer(static listener => listener.LookWhetherClosed(), s_betweenLooks, s_betweenLooks);
    }

    public EndPoint EndPoint { get; }

    /// <param name="endPoint">Where to listen.</param>
    /// <param name="open">Opens a socket that is bound there.</param>
    /// <param name="loops">Those that connections are handed out to.</param>
    /// <param name="ownLoop">Which of them accepts.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="memory">Of what is written.</param>
    /// <param name="time">Of pauses in a shortage.</param>
    /// <param name="logger">Where it is told.</param>
    /// <exception cref="AddressInUseException">Somebody listens there already.</exception>
    /// <exception cref="SocketException">The system does not let this process listen there.</exception>
    public static SocketListener Bind(
        EndPoint endPoint, Func<EndPoint, Socket> open, EventLoop[] loops, int ownLoop, OneShotTransportOptions options, MemoryPool<byte> memory, TimeProvider time, ILogger logger)
    {
        Socket socket = Open(endPoint, open);
        SocketListener? listener = null;
        try
        {
            socket.Listen(options.Backlog);
            socket.Blocking = false;
            listener = new SocketListener(socket, loops, ownLoop, options, memory, time, logger);
            listener._own.Register(listener, listener._descriptor, EpollEvents.Readable);
            TransportLog.Bound(logger, listener.EndPoint, loops.Length);
            return listener;
        }
        catch
        {
            listener?.Unbind();
            socket.Dispose();
            throw;
        }
    }

    /// <returns>Null after <see cref="UnbindAsync"/>.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // Not by ReadAsync, whose operation keeps what it has given last.
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        Unbind();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        while (_accepted.Reader.TryRead(out ConnectionContext? connection))
        {
            connection.Abort();
            await connection.DisposeAsync(); // accepted, and asked for by nobody
        }
    }

    internal override bool OnReady(EpollEvents events)
    {
        AcceptAll();
        return false;
    }

    internal override void OnStopped() => Unbind();

    private void Unbind()
    {
        lock (_accepting)
        {
            if (_isUnbound)
            {
                return;
            }

            _isUnbound = true;
            _own.Remove(this);
            _look.Dispose();
            _retry?.Dispose();
            _descriptor.Close();
            _socket.Dispose();
            _accepted.Writer.TryComplete();
        }
    }

    /// <summary>
    /// Nothing tells that whoever opened the socket has closed it. Who connects wakes the loop, which looks then; but the process that has
    /// the socket now may be faster, and who has come is gone before the loop is told of him.
    /// </summary>
    private void LookWhetherClosed()
    {
        if (_socket.SafeHandle.IsClosed)
        {
            AcceptAll();
        }
    }

    private unsafe void AcceptAll()
    {
        byte* address = stackalloc byte[SocketAddresses.Size];
        int failures = 0;
        lock (_accepting) // a retry after a shortage may meet the loop
        {
            while (!_isUnbound)
            {
                if (_isShared && _socket.SafeHandle.IsClosed)
                {
                    // Who opened it has closed it: another process accepts who waits here.
                    Unbind();
                    return;
                }

                int length = SocketAddresses.Size;
                int accepted = Libc.Accept(_descriptor.Number, address, &length, Libc.AcceptNonBlocking | Libc.AcceptCloseOnExec);
                if (accepted >= 0)
                {
                    failures = 0;
                    Accept(accepted, SocketAddresses.Read(new ReadOnlySpan<byte>(address, Math.Min(length, SocketAddresses.Size))));
                    continue;
                }

                int error = Marshal.GetLastPInvokeError();
                if (error == Errno.Again)
                {
                    if (_socket.SafeHandle.IsClosed)
                    {
                        Unbind(); // as above, and there is no other process: who had come by then is accepted
                    }

                    return;
                }

                if (Errno.IsShortage(error) || failures++ == MostFailures)
                {
                    RetryLater(error);
                    return;
                }

                if (Errno.IsNoListener(error))
                {
                    TransportLog.AcceptEnded(_logger, EndPoint, Errno.ToException(error).Message);
                    return;
                }

                // accept(2): what has happened to a connection in the queue is told here, and says nothing of the next. What is said
                // again and again is of something else.
            }
        }
    }

    private unsafe void Accept(int number, EndPoint? remote)
    {
        if (_isTcp && _options.NoDelay)
        {
            int on = 1;
            _ = Libc.SetOption(number, Libc.TcpLevel, Libc.TcpNoDelay, &on, sizeof(int));
        }

        var descriptor = new Descriptor(number);
        EventLoop loop = NextLoop();
        var connection = new SocketConnection(
            loop, descriptor, _isTcp ? SocketAddresses.LocalOf(number) : EndPoint, remote, _memory, _options.MaxWriteBufferSize ?? long.MaxValue, _logger);
        try
        {
            connection.Start();
        }
        catch (Exception exception)
        {
            descriptor.Close();
            TransportLog.Failed(_logger, connection.Context.ConnectionId, exception);
            return;
        }

        if (!_accepted.Writer.TryWrite(connection.Context))
        {
            connection.Abort(new ConnectionAbortedException("The listener was unbound."));
        }
    }

    /// <summary>
    /// The loop with the fewest targets; of several the one whose turn it is. So the loops stay level, also where connections end
    /// unevenly: they do not move.
    /// </summary>
    private EventLoop NextLoop()
    {
        int next = _next;
        int fewest = int.MaxValue;
        for (int i = 1; i <= _loops.Length; i++)
        {
            int candidate = (_next + i) % _loops.Length;
            int targets = _loops[candidate].Targets;
            if (targets < fewest)
            {
                fewest = targets;
                next = candidate;
            }
        }

        _next = next;
        return _loops[next];
    }

    /// <summary>Connections wait in the kernel's queue meanwhile. Nothing says when there is room again, so it is asked for.</summary>
    private void RetryLater(int error)
    {
        _retry ??= CreateTimer(static listener => listener.AcceptAll(), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retry.Change(s_pauseInShortage, Timeout.InfiniteTimeSpan);

        // Behind it: who reads that line may rely on the next try.
        long now = _time.GetTimestamp();
        if (_lastWarning == 0 || _time.GetElapsedTime(_lastWarning, now) >= s_betweenWarnings)
        {
            _lastWarning = now;
            TransportLog.AcceptShortage(_logger, EndPoint, Errno.ToException(error).Message);
        }
    }

    private ITimer CreateTimer(Action<SocketListener> run, TimeSpan due, TimeSpan period)
    {
        using AsyncFlowControl flow = ExecutionContext.SuppressFlow(); // or the timer keeps what this thread carries at the moment
        return _time.CreateTimer(state => run((SocketListener)state!), this, due, period);
    }

    private static Descriptor Duplicate(Socket socket)
    {
        int copy = Libc.Duplicate((int)socket.Handle, Libc.DuplicateCloseOnExec, 0);
        return copy >= 0 ? new Descriptor(copy) : throw Errno.ToException(Marshal.GetLastPInvokeError());
    }

    private static Socket Open(EndPoint endPoint, Func<EndPoint, Socket> open)
    {
        try
        {
            return open(endPoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }
    }
}
