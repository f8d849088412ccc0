using System.Globalization;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Succession;

/// <summary>
/// What a process has from the one before it: listening sockets, open already, each for an end point, and a pipe to say that it is ready. They
/// come as numbers of descriptors in the environment, as sd_listen_fds(3) has it, by a variable of our own.
/// </summary>
/// <remarks>The text is <c>READY;FD=ENDPOINT;FD=ENDPOINT</c>, end points percent-encoded. Thread-safe.</remarks>
internal sealed class Inheritance : IDisposable
{
    public const string Variable = "ONESHOT_SUCCESSION";

    private readonly Lock _lock = new();
    private readonly string _readyPipe;
    private readonly ILogger _logger;
    private readonly List<(int Descriptor, string EndPoint)> _sockets;
    private bool _hasTold;

    private Inheritance(string readyPipe, List<(int Descriptor, string EndPoint)> sockets, ILogger logger)
    {
        _readyPipe = readyPipe;
        _sockets = sockets;
        _logger = logger;
    }

    /// <summary>That of this process, once: the variable is gone afterwards, or its own children would take it for theirs.</summary>
    /// <returns>Null for a process that succeeds nobody.</returns>
    public static Inheritance? Claim(ILogger logger)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
        {
            return null;
        }

        Environment.SetEnvironmentVariable(Variable, null);
        Inheritance? inheritance = Parse(text, logger);
        if (inheritance is null)
        {
            Events.InheritanceNotUnderstood(logger, Variable, text);
        }

        return inheritance;
    }

    /// <returns>Null where the text is no such thing.</returns>
    internal static Inheritance? Parse(string text, ILogger logger)
    {
        string[] parts = text.Split(';');
        if (!TryDescriptor(parts[0], out _))
        {
            return null;
        }

        List<(int, string)> sockets = [];
        foreach (string part in parts.AsSpan(1))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !TryDescriptor(part.AsSpan(0, equals), out int descriptor))
            {
                return null;
            }

            sockets.Add((descriptor, Uri.UnescapeDataString(part[(equals + 1)..])));
        }

        return new Inheritance(parts[0], sockets, logger);
    }

    internal static string Format(string readyPipe, IEnumerable<(int Descriptor, string EndPoint)> sockets)
    {
        StringBuilder text = new(readyPipe);
        foreach ((int descriptor, string endPoint) in sockets)
        {
            text.Append(CultureInfo.InvariantCulture, $";{descriptor}={Uri.EscapeDataString(endPoint)}");
        }

        return text.ToString();
    }

    /// <summary>The socket that listens at that end point; of several, such as of port 0, one after the other.</summary>
    /// <returns>Null where the process before had none, or what came is no listening socket.</returns>
    public Socket? TryTake(string endPoint)
    {
        int descriptor;
        lock (_lock)
        {
            int at = _sockets.FindIndex(socket => socket.EndPoint == endPoint);
            if (at < 0)
            {
                return null;
            }

            descriptor = _sockets[at].Descriptor;
            _sockets.RemoveAt(at);
        }

        if (TryOpen(descriptor) is { } socket)
        {
            Events.SocketTakenOver(_logger, endPoint);
            return socket;
        }

        Events.SocketNotTakenOver(_logger, descriptor, endPoint);
        return null;
    }

    /// <summary>The server listens: the process before may stop accepting. Sockets that nobody has asked for are closed, or who connects there would wait for ever.</summary>
    public void TellReady()
    {
        lock (_lock)
        {
            if (_hasTold)
            {
                return;
            }

            _hasTold = true;
            CloseRest();
        }

        try
        {
            using AnonymousPipeClientStream pipe = new(PipeDirection.Out, _readyPipe);
            pipe.WriteByte((byte)'R');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It has ended meanwhile, or does not wait any more: then this process is on its own, as it will be anyway.
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            CloseRest();
        }
    }

    private void CloseRest()
    {
        foreach ((int descriptor, string endPoint) in _sockets)
        {
            TryOpen(descriptor)?.Dispose();
            Events.SocketNotAskedFor(_logger, endPoint);
        }

        _sockets.Clear();
    }

    /// <summary>Whatever the number stands for in this process: one that is no listening socket is left alone.</summary>
    private static Socket? TryOpen(int descriptor)
    {
        try
        {
            using SafeSocketHandle look = new(descriptor, ownsHandle: false);
            using Socket seen = new(look);
            return seen.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is int and not 0
                ? new Socket(new SafeSocketHandle(descriptor, ownsHandle: true))
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static bool TryDescriptor(ReadOnlySpan<char> text, out int descriptor) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out descriptor) && descriptor > 2; // the first three are the console's
}
