using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using OneShot.AspNetCore.Succession;

namespace OneShot.AspNetCore.Tests.Succession;

public sealed class InheritanceTests : IDisposable
{
    private readonly RecordingLog _log = new();

    private ILogger Logger => _log.CreateLogger("");

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_process_finds_the_sockets_that_the_one_before_it_listened_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are handed on on Linux.");
        ListeningSockets before = new(null, Logger);
        using Socket first = before.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, Open);
        using Socket second = before.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, Open);
        first.Listen();
        second.Listen();
        using AnonymousPipeServerStream pipe = new(PipeDirection.In, HandleInheritability.Inheritable);

        // As execve(2) does it, but within one process: each number is a copy.
        ListeningSockets after = new(Inheritance.Parse(Inheritance.Format($"{Libc.Duplicate((int)pipe.ClientSafePipeHandle.DangerousGetHandle())}", Copies(before)), Logger), Logger);
        using Socket one = after.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, static _ => throw new InvalidOperationException("It was opened anew."));
        using Socket two = after.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, static _ => throw new InvalidOperationException("It was opened anew."));

        Assert.Equal((first.LocalEndPoint, second.LocalEndPoint), (one.LocalEndPoint, two.LocalEndPoint));
        after.TellReady();
        Assert.Equal('R', pipe.ReadByte());
        after.TellReady(); // says it once
    }

    [Fact]
    public async Task Who_waits_in_the_queue_is_accepted_by_whoever_is_left()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are handed on on Linux.");
        ListeningSockets before = new(null, Logger);
        Socket old = before.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, Open);
        old.Listen();
        EndPoint address = old.LocalEndPoint!;
        using Socket successor = new(new SafeSocketHandle(Copies(before)[0].Descriptor, ownsHandle: true));
        Task<Socket> waiting = old.AcceptAsync(TestContext.Current.CancellationToken).AsTask(); // an operation of the socket that is closed

        await before.StopAcceptingAsync(isHandedOver: true, TestContext.Current.CancellationToken);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address, TestContext.Current.CancellationToken);
        using Socket accepted = await successor.AcceptAsync(TestContext.Current.CancellationToken);

        Assert.Equal(client.LocalEndPoint, accepted.RemoteEndPoint);
        Assert.Empty(before.ToHandOn());
        await Assert.ThrowsAnyAsync<Exception>(() => waiting);
    }

    [Fact]
    public async Task A_unix_socket_keeps_its_name_when_the_process_that_has_made_it_is_done()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are handed on on Linux.");
        string path = Path.Combine(Path.GetTempPath(), $"oneshot-{Guid.NewGuid():N}");
        UnixDomainSocketEndPoint endPoint = new(path);
        ListeningSockets before = new(null, Logger);
        Socket old = before.Bind(endPoint, true, Open);
        old.Listen();
        using Socket successor = new(new SafeSocketHandle(Copies(before)[0].Descriptor, ownsHandle: true));
        try
        {
            await before.StopAcceptingAsync(isHandedOver: true, TestContext.Current.CancellationToken);

            using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(endPoint);
            successor.Accept().Dispose();
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Who has bound it would have removed it, had it not been handed on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_generation_removes_the_name_of_a_unix_socket(bool isSuccessor)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are handed on on Linux.");
        UnixDomainSocketEndPoint endPoint = new(Path.Combine(Path.GetTempPath(), $"oneshot-{Guid.NewGuid():N}"));
        ListeningSockets last = new(null, Logger);
        last.Bind(endPoint, true, Open).Listen();
        if (isSuccessor)
        {
            string text = Inheritance.Format("9998", Copies(last));
            await last.StopAcceptingAsync(isHandedOver: true, TestContext.Current.CancellationToken);
            last = new(Inheritance.Parse(text, Logger), Logger);
            last.Bind(endPoint, true, static _ => throw new InvalidOperationException("It was opened anew."));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(File.Exists(endPoint.ToString()));

        await last.StopAcceptingAsync(isHandedOver: false, TestContext.Current.CancellationToken);

        Assert.False(File.Exists(endPoint.ToString()));
    }

    /// <summary>Whoever connects while the sockets are taken away, again and again: each is accepted, by the one process or by the other.</summary>
    [Fact]
    public async Task No_connection_is_lost_between_two_processes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are handed on on Linux.");
        for (int i = 0; i < 50; i++)
        {
            ListeningSockets before = new(null, Logger) { SettleAsync = static cancellation => Task.Delay(20, cancellation) };
            Socket old = before.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, Open);
            old.Listen();
            EndPoint address = old.LocalEndPoint!;
            using Socket next = new(new SafeSocketHandle(Copies(before)[0].Descriptor, ownsHandle: true));
            int accepted = 0;
            Task accepting = Task.WhenAll(AcceptAsync(old), AcceptAsync(next));
            Task<int> connecting = Task.Run(() =>
            {
                int connected = 0;
                for (; connected < 100; connected++)
                {
                    using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    try
                    {
                        client.Connect(address);
                    }
                    catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
                    {
                        // Accepted, and disposed of at once, which .NET does by a reset.
                    }
                }

                return connected;
            });
            SpinWait.SpinUntil(() => Volatile.Read(ref accepted) > i);

            await before.StopAcceptingAsync(isHandedOver: true, TestContext.Current.CancellationToken);

            int connected = await connecting;
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref accepted) == connected, TimeSpan.FromSeconds(60)), $"{accepted} of {connected} were accepted.");
            next.Dispose();
            await accepting;

            async Task AcceptAsync(Socket socket)
            {
                try
                {
                    while (true)
                    {
                        (await socket.AcceptAsync(TestContext.Current.CancellationToken)).Dispose();
                        Interlocked.Increment(ref accepted);
                    }
                }
                catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
                {
                    // It was closed.
                }
            }
        }
    }

    [Fact]
    public void Where_one_socket_is_somebody_elses_nothing_is_handed_on()
    {
        ListeningSockets sockets = new(null, Logger);
        using Socket ours = sockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, Open);
        using Socket theirs = Open(new IPEndPoint(IPAddress.Loopback, 0));
        sockets.Bind(new Microsoft.AspNetCore.Connections.FileHandleEndPoint(3, Microsoft.AspNetCore.Connections.FileHandleType.Auto), true, _ => theirs);

        Assert.Empty(sockets.ToHandOn());
    }

    [Fact]
    public void What_is_no_listening_socket_is_left_alone_and_one_is_opened()
    {
        using Socket other = new(SocketType.Stream, ProtocolType.Tcp);
        string file = Path.GetTempFileName();
        using FileStream stream = File.OpenRead(file);
        int[] descriptors = [(int)other.Handle, (int)stream.SafeFileHandle.DangerousGetHandle(), 9999];
        foreach (int descriptor in descriptors)
        {
            Inheritance inheritance = Inheritance.Parse(Inheritance.Format("9998", [(descriptor, "127.0.0.1:0")]), Logger)!;
            ListeningSockets sockets = new(inheritance, Logger);

            using Socket opened = sockets.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, Open);

            Assert.NotEqual(0, ((IPEndPoint)opened.LocalEndPoint!).Port);
            inheritance.TellReady(); // to a pipe that is none
        }

        Assert.Equal(3, _log.Entries.Count(static entry => entry.Event.Name == "SocketNotTakenOver"));
        Assert.Equal(0, stream.Length); // still open
        File.Delete(file);
    }

    [Fact]
    public void A_socket_that_nobody_asks_for_is_closed_when_the_server_listens()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sockets are handed on on Linux.");
        ListeningSockets before = new(null, Logger);
        using Socket old = before.Bind(new IPEndPoint(IPAddress.Loopback, 0), true, Open);
        old.Listen();
        (int copy, string endPoint) = Copies(before)[0];
        string file = OpenFile((int)old.Handle)!;
        Assert.Equal(file, OpenFile(copy));

        Inheritance.Parse(Inheritance.Format("9998", [(copy, endPoint)]), Logger)!.TellReady();

        Assert.NotEqual(file, OpenFile(copy)); // the number may be another file's by now
        Assert.Equal(file, OpenFile((int)old.Handle));
        Assert.Contains(_log.Entries, static entry => entry.Event.Name == "SocketNotAskedFor");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("2")]
    [InlineData("5;")]
    [InlineData("5;6")]
    [InlineData("5;x=a")]
    [InlineData("5;1=127.0.0.1:80")]
    [InlineData("5;6=a;")]
    [InlineData("99999999999;6=a")]
    public void What_no_process_has_left_is_not_taken_for_an_inheritance(string text) => Assert.Null(Inheritance.Parse(text, Logger));

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::]:8080")]
    [InlineData("[fe80::1%3]:8080")]
    [InlineData("/run/a;b=c d.sock")]
    [InlineData("@ä")]
    public void End_points_of_all_kinds_are_written_and_read(string endPoint)
    {
        string text = Inheritance.Format("7", [(8, endPoint), (9, "x")]);

        Assert.Equal(2, text.Count(static letter => letter == ';'));
        Assert.NotNull(Inheritance.Parse(text, Logger));
        Assert.Equal(Uri.UnescapeDataString(text.Split(';')[1][2..]), endPoint);
    }

    [Fact]
    public void A_socket_that_somebody_else_has_opened_is_not_handed_on()
    {
        ListeningSockets sockets = new(null, Logger);
        using Socket socket = Open(new IPEndPoint(IPAddress.Loopback, 0));

        Assert.Same(socket, sockets.Bind(new Microsoft.AspNetCore.Connections.FileHandleEndPoint(3, Microsoft.AspNetCore.Connections.FileHandleType.Auto), true, _ => socket));

        Assert.Empty(sockets.ToHandOn());
        Assert.Equal("SocketNotHandedOn", Assert.Single(_log.Entries).Event.Name);
    }

    internal static List<(int Descriptor, string EndPoint)> Copies(ListeningSockets sockets) =>
        [.. sockets.ToHandOn().Select(static socket => (Libc.Duplicate(socket.Descriptor), socket.EndPoint))];

    /// <summary>What a number stands for in this process, such as <c>socket:[4711]</c>; null for nothing. proc(5)</summary>
    private static string? OpenFile(int descriptor) => new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget;

    private static Socket Open(EndPoint endPoint) => Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets.SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
}
