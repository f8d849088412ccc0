using Microsoft.AspNetCore.Connections;

namespace OneShot.Transport.Tests.Servers;

/// <summary>Serves every connection as it is told, and disposes it.</summary>
internal sealed class ConnectionService : IAsyncDisposable
{
    private readonly TransportServer _server;
    private readonly Func<ConnectionContext, Task> _serve;
    private readonly Task _accepting;
    private readonly List<Task> _serving = [];

    /// <param name="server">Whose connections.</param>
    /// <param name="serve">For each, on a thread of the thread pool: one that blocks must not hold up accepting.</param>
    public ConnectionService(TransportServer server, Func<ConnectionContext, Task> serve)
    {
        _server = server;
        _serve = serve;
        _accepting = AcceptAsync();
    }

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
            _serving.RemoveAll(static task => task.IsCompletedSuccessfully);
            _serving.Add(Task.Run(() => ServeAsync(connection)));
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        try
        {
            await _serve(connection);
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            // the client has gone, or a test wants it so
        }

        await connection.DisposeAsync();
    }
}
