using System.Net;
using OneShot.Differential.Tests.Application;
using OneShot.Differential.Tests.Comparison;
using OneShot.Differential.Tests.Transport;

namespace OneShot.Differential.Tests.Servers;

/// <summary>One of the two servers, with a way to ask it.</summary>
internal sealed class Twin(MemoryEndPoint memory, IPEndPoint socket, IPEndPoint loop, MemoryTransport transport, SeenRequests seen, RefusalLog refusals)
{
    internal IPEndPoint Socket => socket;

    /// <summary>The same on OneShot's transport.</summary>
    internal IPEndPoint Loop => loop;

    /// <summary>Sends the bytes one by one; how many of them it took until the server had answered and ended the connection, or null when it did not.</summary>
    internal async Task<int?> CountToEndAsync(ReadOnlyMemory<byte> bytes)
    {
        MemoryConnection connection = transport.Connect(memory);
        int? count = null;
        for (int i = 0; i < bytes.Length && count is null; i++)
        {
            await connection.SendAsync(bytes.Slice(i, 1));
            count = connection.EndedByServer ? i + 1 : null;
        }

        await connection.FinishAsync();
        seen.Take(connection.Id);
        refusals.Take(connection.Id);
        return count;
    }

    /// <summary>Sends the pieces over a connection of their own, each when the server has dealt with the one before.</summary>
    internal async Task<Outcome> AskAsync(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        MemoryConnection connection = transport.Connect(memory);
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            await connection.SendAsync(piece);
            if (connection.EndedByServer)
            {
                break;
            }
        }

        int before = connection.AnswerLength;
        byte[] answer = await connection.FinishAsync();
        IReadOnlyList<(string Method, string Json)> requests = seen.Take(connection.Id);
        ConnectionEnd end = !connection.EndedByServer ? ConnectionEnd.Open : connection.IsAborted ? ConnectionEnd.Aborted : ConnectionEnd.Closed;

        // What a server has written but not flushed goes out when it ends the connection.
        return Outcome.Read(answer, end == ConnectionEnd.Open ? before : answer.Length, requests, end, refusals.Take(connection.Id));
    }
}
