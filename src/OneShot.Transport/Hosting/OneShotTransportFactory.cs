using System.Buffers;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OneShot.Transport.Listening;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Hosting;

/// <summary>
/// Kestrel's way to the transport: takes the end points it can serve, and leaves the others to the transport that was there before.
/// </summary>
internal sealed class OneShotTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly OneShotTransportOptions _options;
    private readonly Func<EndPoint, Socket> _open; // that of Kestrel's own transport: who has set it means every listening socket
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MemoryPool<byte> _memory;
    private readonly TransportMetrics _metrics;
    private readonly Lock _lock = new();
    private EventLoop[]? _loops;
    private Watchdog? _watchdog;
    private LoopThreads? _threads;
    private int _bound;
    private bool _hasSaid;
    private bool _isDisposed;

    public OneShotTransportFactory(
        IOptions<OneShotTransportOptions> options,
        IOptions<SocketTransportOptions> sockets,
        ILoggerFactory loggers,
        IMeterFactory meters,
        TimeProvider? time = null,
        IMemoryPoolFactory<byte>? memory = null)
    {
        _options = options.Value;
        _open = sockets.Value.CreateBoundListenSocket;
        _options.Validate();
        _time = time ?? TimeProvider.System;
        _logger = new UnfailingLogger(loggers.CreateLogger(TransportLog.Category));
        _metrics = new TransportMetrics(meters);
        _memory = memory?.Create() ?? MemoryPool<byte>.Shared;
    }

    /// <summary>Whether there is a transport for this system at all.</summary>
    internal static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    internal TimeSpan IdleOfSpares { get; init; } = LoopThreads.DefaultIdle;

    /// <summary>Loops give the thread pool whatever it begins at once, for tests: else they do where they find that it is worth while.</summary>
    internal bool SharesAlways { get; init; }

    internal IReadOnlyList<EventLoop> Loops => _loops ?? [];

    internal LoopThreads? Threads => _threads;

    public bool CanBind(EndPoint endpoint)
    {
        if (!IsSupported)
        {
            if (!_hasSaid)
            {
                _hasSaid = true;
                TransportLog.NotSupported(_logger);
            }

            return false;
        }

        return endpoint is IPEndPoint or UnixDomainSocketEndPoint || (endpoint is FileHandleEndPoint file && IsSocket(file));
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            EventLoop[] loops = _loops ??= Start();
            return new ValueTask<IConnectionListener>(
                SocketListener.Bind(endpoint, _open, loops, _bound++ % loops.Length, _options, _memory, _time, _logger));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _threads?.Stop();
            foreach (EventLoop loop in Loops)
            {
                loop.Stop();
            }

            _watchdog?.Stop();
        }
    }

    private EventLoop[] Start()
    {
        var loops = new EventLoop[_options.EffectiveLoops];
        _threads = new LoopThreads(_options.MaxSpareThreads, loops.Length, IdleOfSpares);
        _watchdog = new Watchdog(_options.HandOverAfter);
        TimeSpan? shareAfter = SharesAlways ? TimeSpan.Zero : loops.Length < Environment.ProcessorCount ? _options.ShareAfter : null; // else the thread pool has no processor that they do not have
        int made = 0;
        int running = 0;
        try
        {
            for (; made < loops.Length; made++)
            {
                loops[made] = new EventLoop(_watchdog, _threads, shareAfter, _metrics, _logger);
            }

            for (; running < loops.Length; running++)
            {
                _threads.Start(loops[running]);
            }

            _watchdog.Start(loops);
        }
        catch
        {
            _threads.Stop();
            for (int i = 0; i < made; i++)
            {
                if (i < running)
                {
                    loops[i].Stop();
                }
                else
                {
                    loops[i].Close();
                }
            }

            throw;
        }

        _metrics.Watch(loops, _threads);
        return loops;
    }

    private static bool IsSocket(FileHandleEndPoint file)
    {
        try
        {
            using var socket = new Socket(new SafeSocketHandle((nint)file.FileHandle, ownsHandle: false));
            return socket.SocketType == SocketType.Stream;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
