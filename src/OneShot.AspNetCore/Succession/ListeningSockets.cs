using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

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
internal sealed class ListeningSockets(Inheritance? inheritance, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private readonly List<Socket> _first = []; // kept from being disposed of

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
            SuccessionLog.NotOurs(logger, endPoint);
        }

        isToBeHandedOn &= isOurs;
        Socket? socket = isOurs ? inheritance?.TryTake(key) : null;
        if (socket is null)
        {
            socket = create(endPoint);
            socket = isToBeHandedOn ? ToBeInherited(socket, isFile: endPoint is UnixDomainSocketEndPoint) : socket;
        }

        lock (_lock)
        {
            _entries.Add(new Entry(key, socket, isToBeHandedOn));
        }

        return socket;
    }

    /// <summary>Numbers and end points of those that still listen and are to be handed on, in the order in which they were bound.</summary>
    public IReadOnlyList<(int Descriptor, string EndPoint)> ToHandOn()
    {
        lock (_lock)
        {
            return [.. _entries.Where(static entry => entry.IsToBeHandedOn && entry.IsOpen).Select(static entry => ((int)entry.Socket.SafeHandle.DangerousGetHandle(), entry.EndPoint))];
        }
    }

    /// <summary>
    /// Closes the numbers of this process: it accepts no more, and serves what it has accepted. Kestrel's transport takes a closed socket for the end
    /// of its listener, and so does OneShot's.
    /// </summary>
    /// <returns>Whether it has accepted until now.</returns>
    public bool StopAccepting()
    {
        bool wasOpen = false;
        lock (_lock)
        {
            foreach (Entry entry in _entries)
            {
                wasOpen |= entry.IsOpen;
                entry.Socket.Dispose();
            }
        }

        return wasOpen;
    }

    /// <inheritdoc cref="Inheritance.TellReady"/>
    public void TellReady() => inheritance?.TellReady();

    private Socket ToBeInherited(Socket socket, bool isFile)
    {
        int copy = Libc.Duplicate((int)socket.SafeHandle.DangerousGetHandle());
        if (copy < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            socket.Dispose();
            throw new IOException($"The listening socket cannot be made one to hand on: {Marshal.GetPInvokeErrorMessage(error)} (dup).");
        }

        if (isFile)
        {
            // It would take the file's name away when it is disposed of, and with it the successor's address.
            lock (_lock)
            {
                _first.Add(socket);
            }
        }
        else
        {
            socket.Dispose();
        }

        return new Socket(new SafeSocketHandle(copy, ownsHandle: true));
    }

    private readonly record struct Entry(string EndPoint, Socket Socket, bool IsToBeHandedOn)
    {
        public bool IsOpen => !Socket.SafeHandle.IsClosed;
    }
}
