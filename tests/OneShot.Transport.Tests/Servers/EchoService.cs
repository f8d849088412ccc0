using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Transport.Tests.Servers;

/// <summary>Serves every connection: four bytes are a request, and what the handler makes of them is the answer.</summary>
internal sealed class EchoService : IAsyncDisposable
{
    private readonly TransportServer _server;
    private readonly Func<int, int> _handler;
    private readonly Task _accepting;
    private readonly List<Task> _serving = [];

    public EchoService(TransportServer server, Func<int, int> handler)
    {
        _server = server;
        _handler = handler;
        _accepting = AcceptAsync();
    }

    /// <summary>Whether this is a thread that runs loops.</summary>
    public static bool IsOnLoop => Thread.CurrentThread.Name == "OneShot loop";

    /// <summary>Accepts no more, and waits for all connections to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.Listener.UnbindAsync();
        await _accepting.Soon();
        await Task.WhenAll(_serving).Soon();
    }

    private async Task AcceptAsync()
    {
        while (await _server.Listener.AcceptAsync() is { } connection)
        {
            _serving.Add(Task.Run(() => ServeAsync(connection))); // a handler that blocks must not hold up accepting
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        try
        {
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                if (result.Buffer.Length >= sizeof(int))
                {
                    int answer = _handler(Number(result.Buffer));
                    connection.Transport.Input.AdvanceTo(result.Buffer.GetPosition(sizeof(int)));
                    BitConverter.TryWriteBytes(connection.Transport.Output.GetSpan(sizeof(int)), answer);
                    connection.Transport.Output.Advance(sizeof(int));
                    await connection.Transport.Output.FlushAsync();
                    continue;
                }

                connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // the client has gone
        }

        await connection.DisposeAsync();
    }

    private static int Number(ReadOnlySequence<byte> buffer)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(bytes);
        return BitConverter.ToInt32(bytes);
    }
}
