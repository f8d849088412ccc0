using System.Net.Sockets;
using System.Text;

namespace OneShot.LoadTest.Drill.Activation;

/// <summary>Where services tell how they are, as systemd's end of sd_notify(3): when one stopped, when its successor was ready. Thread-safe.</summary>
internal sealed class ServiceManagerSocket : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oneshot-notify-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _away = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;
    private long? _stopped;
    private int _watchdogs;

    public ServiceManagerSocket(TimeProvider time)
    {
        _time = time;
        Path = System.IO.Path.Combine(_folder.FullName, "notify");
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _receiving = ReceiveAsync();
    }

    public string Path { get; }

    /// <summary>Completes when the first service is ready.</summary>
    public Task Ready => _ready.Task;

    /// <summary>From each <c>STOPPING=1</c> to the next <c>READY=1</c>.</summary>
    public IReadOnlyList<TimeSpan> Away
    {
        get
        {
            lock (_lock)
            {
                return [.. _away];
            }
        }
    }

    /// <summary>How often a service has said that it is alive.</summary>
    public int Watchdogs => Volatile.Read(ref _watchdogs);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
        _folder.Delete(recursive: true);
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveAsync(buffer, SocketFlags.None);
                foreach (string state in Encoding.UTF8.GetString(buffer, 0, length).Split('\n'))
                {
                    Take(state);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed: the drill is over.
        }
    }

    private void Take(string state)
    {
        lock (_lock)
        {
            switch (state)
            {
                case "STOPPING=1":
                    _stopped = _time.GetTimestamp();
                    break;
                case "READY=1":
                    if (_stopped is { } stopped)
                    {
                        _away.Add(_time.GetElapsedTime(stopped));
                    }

                    _stopped = null;
                    _ready.TrySetResult();
                    break;
                case "WATCHDOG=1":
                    _watchdogs++;
                    break;
            }
        }
    }
}
