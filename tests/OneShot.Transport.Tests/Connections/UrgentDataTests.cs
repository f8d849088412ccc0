using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Connections;

public sealed class UrgentDataTests
{
    /// <summary>A receive ends before the mark of urgent data, though there is more. tcp(7)</summary>
    [Fact]
    public async Task Bytes_behind_urgent_ones_are_read_without_another_event()
    {
        await using TransportServer server = await TransportServer.StartAsync();
        (Socket client, ConnectionContext connection) = await server.ConnectAsync();
        PipeReader input = connection.Transport.Input;
        for (int round = 0; round < 50; round++)
        {
            client.Send("before"u8);
            client.Send("!"u8, SocketFlags.OutOfBand);
            client.Send("behind"u8);

            ReadResult read = await input.ReadAtLeastAsync("beforebehind".Length).Soon();

            Assert.Equal("beforebehind".Length, read.Buffer.Length);
            input.AdvanceTo(read.Buffer.End);
        }

        client.Dispose();
        connection.Abort();
        await connection.DisposeAsync().Soon();
    }
}
