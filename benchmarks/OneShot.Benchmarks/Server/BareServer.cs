using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace OneShot.Benchmarks.Server;

/// <summary>The floor under both servers: the same pipes, the same client, the same bytes back, and nothing in between.</summary>
internal static class BareServer
{
    private static ReadOnlySpan<byte> Response =>
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: Tue, 24 Nov 2026 09:00:00 GMT\r\nServer: Kestrel\r\n\r\nok"u8;

    internal static async Task AnswerAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            if (read.IsCompleted || read.IsCanceled)
            {
                return;
            }

            input.AdvanceTo(read.Buffer.End);
            output.Write(Response);
            await output.FlushAsync();
        }
    }
}
