using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Transport.Tests.Servers;

/// <summary>Serves every connection: four bytes are a request, and what the handler makes of them is the answer.</summary>
internal sealed class EchoService(TransportServer server, Func<int, int> handler) : IAsyncDisposable
{
    private readonly ConnectionService _service = new(server, connection => ServeAsync(connection, handler));

    /// <summary>Whether this is a thread that runs loops.</summary>
    public static bool IsOnLoop => Thread.CurrentThread.Name == "OneShot loop";

    /// <inheritdoc cref="ConnectionService.DisposeAsync"/>
    public ValueTask DisposeAsync() => _service.DisposeAsync();

    private static async Task ServeAsync(ConnectionContext connection, Func<int, int> handler)
    {
        while (true)
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            if (result.Buffer.Length >= sizeof(int))
            {
                int answer = handler(Number(result.Buffer));
                connection.Transport.Input.AdvanceTo(result.Buffer.GetPosition(sizeof(int)));
                BitConverter.TryWriteBytes(connection.Transport.Output.GetSpan(sizeof(int)), answer);
                connection.Transport.Output.Advance(sizeof(int));
                await connection.Transport.Output.FlushAsync();
                continue;
            }

            connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private static int Number(ReadOnlySequence<byte> buffer)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(bytes);
        return BitConverter.ToInt32(bytes);
    }
}
