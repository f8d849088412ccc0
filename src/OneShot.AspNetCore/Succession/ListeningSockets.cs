using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Succession;

/// <summary>The listening sockets of this process: what stops accepting before it stops serving, and what a successor can go on with.</summary>
/// <remarks>
/// <para>One that is handed on is one open file that several processes have a number for. Who connects waits in its one queue, and is accepted by whichever of them asks first;
/// where the last but one closes its number, nothing happens to the queue.</para>
/// <para>Its numbers are without close-on-exec from the first moment to the last. That hands them to a successor, and it has a second meaning: .NET
/// shuts a socket down, for every process that has it, when it is disposed of in the middle of an operation, unless the flag is missing, which tells it that the
/// socket is shared (<c>SafeSocketHandle</c>). Other programs that the application executes get them as well.</para>
/// <para>Thread-safe.</para>
/// </remarks>
/// <param name="inheritance">What the process before has left; null for nothing.</param>
/// <param name="logger">Where it is told what cannot be handed on.</param>
internal sealed class ListeningSockets(Inheritance? inheritance, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>The time in which what was accepted last is delivered, and sends its request: some round trips.</summary>
    public Func<CancellationToken, Task> SettleAsync { get; init; } = static cancellation => Task.Delay(100, cancellation);

    /// <summary>The socket for an end point: that of the process before, else one of <paramref name="create"/>'s.</summary>
    /// <param name="endPoint">Where the server is to listen.</param>
    /// <param name="isToBeHandedOn">Whether a successor may be given it.</param>
    /// <param name="create">Opens and binds one.</param>
    /// <exception cref="SocketException">As of <paramref name="create"/>.</exception>
    /// <exception cref="IOException">This process may open no more files.</exception>
    public Socket Bind(EndPoint endPoint, bool isToBeHandedOn, Func<EndPoint, Socket> create)
    {
        string key = endPoint.ToString()!;
        bool isOurs = endPoint is IPEndPoint or UnixDomainSocketEndPoint; // else somebody has opened it, such as systemd, and keeps it open
        if (isToBeHandedOn && !isOurs)
        {
            Events.SocketNotHandedOn(logger, endPoint);
        }

        isToBeHandedOn &= isOurs;
        Socket? socket = isOurs ? inheritance?.TryTake(key) : null;
        bool isShared = socket is not null || isToBeHandedOn;
        if (socket is null)
        {
            socket = create(endPoint);
            socket = isToBeHandedOn ? ToBeInherited(socket) : socket;
        }

        string? file = isShared && endPoint is UnixDomainSocketEndPoint && key is ['/', ..] ? key : null;
        lock (_lock)
        {
            _entries.RemoveAll(static entry => !entry.IsOpen); // of end points that the server has left since
            _entries.Add(new Entry(key, socket, isToBeHandedOn, file));
        }

        return socket;
    }

    /// <summary>
    /// Numbers and end points of all that listen, in the order in which they were bound; none where one of them is not to be handed on, which a successor would
    /// leave without anybody.
    /// </summary>
    public IReadOnlyList<(int Descriptor, string EndPoint)> ToHandOn()
    {
        lock (_lock)
        {
            return _entries.Exists(static entry => entry.IsOpen && !entry.IsToBeHandedOn) ? [] : [.. _entries.Where(static entry => entry.IsOpen).Select(static entry => ((int)entry.Socket.SafeHandle.DangerousGetHandle(), entry.EndPoint))];
        }
    }

    /// <summary>
    /// This process accepts no more, and serves what it has accepted; then its listeners end. Kestrel's transport takes a closed socket for the end of its listener, and so
    /// does OneShot's.
    /// </summary>
    /// <remarks>
    /// Not by closing alone: what becomes of a connection that an accept has just got, when its socket is disposed of, is written nowhere. So the number first becomes
    /// that of a socket to which nobody connects; what was got until then is delivered meanwhile, and the disposal interrupts an accept that gets nothing.
    /// </remarks>
    /// <param name="isHandedOver">A successor accepts. Else nobody does, and the files of Unix sockets go, as .NET removes those that it has bound itself.</param>
    /// <param name="cancellation">Ends the time in between.</param>
    public async Task StopAcceptingAsync(bool isHandedOver, CancellationToken cancellation)
    {
        List<Entry> open = [];
        lock (_lock)
        {
            open.AddRange(_entries.Where(static entry => entry.IsOpen));
            _entries.Clear();
        }

        if (open.Count == 0)
        {
            return;
        }

        foreach (Entry entry in open)
        {
            Silence(entry.Socket);
        }

        await SettleAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (Entry entry in open)
        {
            entry.Socket.Dispose();
            if (!isHandedOver && entry.File is { } file)
            {
                Remove(file);
            }
        }
    }

    /// <inheritdoc cref="Inheritance.TellReady"/>
    public void TellReady() => inheritance?.TellReady();

    /// <summary>What nobody has asked for is closed.</summary>
    public void Dispose() => inheritance?.Dispose();

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Then it stays, as after a crash.
        }
    }

    /// <summary>Puts a socket in its place that listens, and that nobody can find.</summary>
    private static void Silence(Socket socket)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        bool isHeld = false;
        SafeSocketHandle handle = socket.SafeHandle;
        try
        {
            using Socket silent = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            silent.Bind(new UnixDomainSocketEndPoint($"\0{Guid.NewGuid():N}")); // a name without a file: unix(7)
            silent.Listen(1);
            silent.Blocking = false;
            handle.DangerousAddRef(ref isHeld);
            _ = Libc.Replace((int)silent.SafeHandle.DangerousGetHandle(), (int)handle.DangerousGetHandle());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Without it, it is closed all the same.
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static Socket ToBeInherited(Socket socket)
    {
        int copy = Libc.Duplicate((int)socket.SafeHandle.DangerousGetHandle());
        int error = Marshal.GetLastPInvokeError();

        // The number alone: the object would take the name of a Unix socket away, when it is disposed of or finalized, and with it the successor's address.
#pragma warning disable CA1816 // it is another's finalizer on purpose
        GC.SuppressFinalize(socket);
#pragma warning restore CA1816
        socket.SafeHandle.Dispose();
        return copy >= 0
            ? new Socket(new SafeSocketHandle(copy, ownsHandle: true))
            : throw new IOException($"The listening socket cannot be made one to hand on: {Marshal.GetPInvokeErrorMessage(error)} (dup).");
    }

    /// <param name="EndPoint">As the server names it.</param>
    /// <param name="Socket">Listens there.</param>
    /// <param name="IsToBeHandedOn">A successor may have it.</param>
    /// <param name="File">The name of a Unix socket that .NET does not remove.</param>
    private readonly record struct Entry(string EndPoint, Socket Socket, bool IsToBeHandedOn, string? File)
    {
        public bool IsOpen => !Socket.SafeHandle.IsClosed;
    }
}
