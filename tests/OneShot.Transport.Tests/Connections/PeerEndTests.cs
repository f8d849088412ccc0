using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Connections;

/// <summary>
/// The peer ends the connection while the application has not read all. A server gives the connection up as soon as it hears of that, as
/// Kestrel's HTTP/1.1 does; who reads the body at that moment must hear of the peer's end, not of a cancellation that nobody has asked for.
/// </summary>
public sealed class PeerEndTests
{
    private const int Sent = 100_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_of_a_connection_that_was_given_up_hears_of_the_peers_end(bool isReset)
    {
        await using TransportServer server = await TransportServer.StartAsync();
        (Socket client, ConnectionContext connection) = await BeginAsync(server);
        await EndAsync(client, isReset);
        await WhenClosed(connection).Soon();

        connection.Abort(null!);

        await AssertEndsAsync(connection.Transport.Input);
        await connection.DisposeAsync().Soon();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Also_where_it_reads_at_that_moment(bool isReset)
    {
        await using TransportServer server = await TransportServer.StartAsync();
        for (int round = 0; round < 100; round++)
        {
            (Socket client, ConnectionContext connection) = await BeginAsync(server);
            using CancellationTokenRegistration gaveUp = connection.ConnectionClosed.Register(() => connection.Abort(null!));
            Task reading = Task.Run(() => AssertEndsAsync(connection.Transport.Input));
            await EndAsync(client, isReset);
            await reading.Soon();
            await connection.DisposeAsync().Soon();
        }
    }

    private static async Task<(Socket Client, ConnectionContext Connection)> BeginAsync(TransportServer server)
    {
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        await client.SendAsync(new byte[1]);
        ReadResult first = await connection.Transport.Input.ReadAsync().Soon();
        connection.Transport.Input.AdvanceTo(first.Buffer.End);
        return (client, connection);
    }

    private static async Task EndAsync(Socket client, bool isReset)
    {
        await client.SendAsync(new byte[Sent]);
        if (isReset)
        {
            client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        client.Dispose();
    }

    private static async Task AssertEndsAsync(PipeReader input)
    {
        try
        {
            while (await input.ReadAsync().Soon() is { IsCompleted: false } read)
            {
                input.AdvanceTo(read.Buffer.End);
            }
        }
        catch (IOException)
        {
            // ConnectionResetException: the peer's end. Anything else fails.
        }
    }

    private static async Task WhenClosed(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task;
    }
}
