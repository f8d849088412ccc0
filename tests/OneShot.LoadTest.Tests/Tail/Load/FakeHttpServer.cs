using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OneShot.LoadTest.Tests.Tail.Load;

/// <summary>Answers every request with what it is told, on loopback.</summary>
internal sealed class FakeHttpServer : IAsyncDisposable
{
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, Task<string?>> _answer;
    private readonly Task _running;
    private int _requests;

    /// <param name="answer">By the number of the request, from 0, over all connections; null closes the connection.</param>
    public FakeHttpServer(Func<int, Task<string?>> answer)
    {
        _answer = answer;
        _listener.Start();
        _running = AcceptAsync();
    }

    /// <summary>Asked behind every answer.</summary>
    public Func<bool> ClosesBehindAnswer { get; init; } = static () => false;

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            byte[] buffer = new byte[4096];
            int received = 0;
            try
            {
                while (await client.GetStream().ReadAsync(buffer.AsMemory(received), _stop.Token) is > 0 and int count)
                {
                    received += count;
                    if (!buffer.AsSpan(0, received).EndsWith("\r\n\r\n"u8))
                    {
                        continue;
                    }

                    received = 0;
                    if (await _answer(Interlocked.Increment(ref _requests) - 1).WaitAsync(_stop.Token) is not { } answer)
                    {
                        return;
                    }

                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), _stop.Token);
                    if (ClosesBehindAnswer())
                    {
                        return;
                    }
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The test is over, or the client has gone.
            }
        }
    }
}
