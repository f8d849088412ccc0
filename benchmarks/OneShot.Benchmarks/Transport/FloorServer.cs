using System.Net;
using System.Net.Sockets;
using OneShot.Transport.Native;

namespace OneShot.Benchmarks.Transport;

/// <summary>One thread, one epoll instance: receive, send a constant, for ever.</summary>
internal static unsafe class FloorServer
{
    private static readonly byte[] s_answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\nDate: Tue, 24 Nov 2026 09:00:00 GMT\r\nServer: Kestrel\r\n\r\nHello, world!"u8.ToArray();

    internal static void Run(Action<IPEndPoint> listening)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(512);
        socket.Blocking = false;
        int listener = (int)socket.Handle;
        int epoll = Libc.EpollCreate(Libc.EpollCloseOnExec);
        Add(epoll, listener);
        listening((IPEndPoint)socket.LocalEndPoint!);
        byte* events = stackalloc byte[64 * EpollEvent.Size];
        byte* buffer = stackalloc byte[16 * 1024];
        fixed (byte* answer = s_answer)
        {
            while (true)
            {
                int count = Libc.EpollWait(epoll, events, 64, -1);
                for (int i = 0; i < count; i++)
                {
                    int descriptor = (int)EpollEvent.DataOf(events + (i * EpollEvent.Size));
                    if (descriptor == listener)
                    {
                        Accept(epoll, listener);
                        continue;
                    }

                    nint received = Libc.Receive(descriptor, buffer, 16 * 1024, 0);
                    if (received <= 0)
                    {
                        _ = Libc.Close(descriptor);
                        continue;
                    }

                    _ = Libc.Send(descriptor, answer, (nuint)s_answer.Length, Libc.MessageNoSignal);
                }
            }
        }
    }

    private static void Accept(int epoll, int listener)
    {
        while (true)
        {
            int length = 0;
            int accepted = Libc.Accept(listener, null, &length, Libc.AcceptNonBlocking | Libc.AcceptCloseOnExec);
            if (accepted < 0)
            {
                return;
            }

            int on = 1;
            _ = Libc.SetOption(accepted, Libc.TcpLevel, Libc.TcpNoDelay, &on, sizeof(int));
            Add(epoll, accepted);
        }
    }

    private static void Add(int epoll, int descriptor)
    {
        byte* added = stackalloc byte[16];
        EpollEvent.Write(added, EpollEvents.Readable | EpollEvents.EdgeTriggered, (ulong)descriptor);
        _ = Libc.EpollControl(epoll, Libc.EpollAdd, descriptor, added);
    }
}
