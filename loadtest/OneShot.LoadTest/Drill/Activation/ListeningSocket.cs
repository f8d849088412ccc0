using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Drill.Activation;

/// <summary>
/// A listening socket that outlives the processes it is handed to, as systemd's <c>.socket</c> unit keeps one: sd_listen_fds(3).
/// </summary>
internal sealed partial class ListeningSocket : IDisposable
{
    /// <summary>Where the protocol wants the first socket.</summary>
    private const int FirstDescriptor = 3;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _inherited;

    /// <exception cref="LoadTestException">The system gives no descriptor.</exception>
    public ListeningSocket(int backlog)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(backlog);
        // .NET's own closes when a program is executed; the copy does not (dup(2)).
        _inherited = Duplicate((int)_socket.Handle);
        if (_inherited < 0)
        {
            throw new LoadTestException($"The listening socket cannot be handed on: error {Marshal.GetLastPInvokeError()}.");
        }

        int port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        Address = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri;
    }

    public Uri Address { get; }

    /// <summary>
    /// Starts a program that finds the socket as its descriptor 3. A shell says which process it is for, which nobody can know before
    /// there is one, and becomes the program.
    /// </summary>
    public ChildProcess Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        string script = string.Create(
            CultureInfo.InvariantCulture,
            $"""export LISTEN_PID=$$ LISTEN_FDS=1 WATCHDOG_PID=$$; exec "$0" "$@" {FirstDescriptor}<&{_inherited} {_inherited}<&-""");
        return ChildProcess.Start("bash", ["-c", script, file, .. arguments], environment);
    }

    public void Dispose()
    {
        _socket.Dispose();
        Close(_inherited);
    }

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Close(int descriptor);
}
