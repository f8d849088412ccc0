using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OneShot.Transport.Tests.Connections;
using OneShot.Transport.Tests.Servers;

namespace OneShot.Transport.Tests.Faults;

/// <summary>
/// What a client asks of one connection and gets: the number of bytes it wants, then as many bytes that it sends itself. The server
/// answers with bytes by copying, in place and in pieces, until the client says that it is over.
/// </summary>
internal static class Conversation
{
    /// <summary>More than the kernel's buffers of both sides take.</summary>
    public const int Large = 4 * 1024 * 1024;

    private const int Piece = 5_000;

    /// <summary>The server's side.</summary>
    public static async Task ServeAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        long sent = 0;
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            if (read.Buffer.Length < sizeof(int))
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }

                continue;
            }

            int size = Number(read.Buffer);
            input.AdvanceTo(read.Buffer.GetPosition(sizeof(int)));
            await TakeAsync(input, size / 16);
            for (int end = 0; end < size; end += Piece)
            {
                int piece = Math.Min(Piece, size - end);
                byte[] bytes = Pattern.Bytes(piece, sent);
                sent += piece;
                if (end % (3 * Piece) == 0)
                {
                    await connection.Transport.Output.WriteAsync(bytes);
                    continue;
                }

                connection.Transport.Output.Write(bytes);
                if (end % (2 * Piece) == 0)
                {
                    await connection.Transport.Output.FlushAsync();
                }
            }

            await connection.Transport.Output.FlushAsync();
        }
    }

    /// <summary>The client's side.</summary>
    /// <returns>Whether it has got all it asked for, and the end behind it.</returns>
    public static async Task<bool> AskAsync(TransportServer server, params int[] sizes)
    {
        long received = 0;
        try
        {
            using Socket client = await server.ConnectClientAsync();
            Task sending = SendAsync(client, sizes);
            byte[] buffer = new byte[64 * 1024];
            long all = sizes.Sum(static size => (long)size);
            while (received < all)
            {
                int read = await client.ReceiveAsync(buffer).Soon();
                if (read == 0)
                {
                    return false;
                }

                received = Pattern.Check(buffer.AsSpan(0, read), received);
            }

            await sending.Soon();
            client.Shutdown(SocketShutdown.Send);
            return await client.ReceiveAsync(buffer).Soon() == 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task SendAsync(Socket client, int[] sizes)
    {
        foreach (int size in sizes)
        {
            byte[] request = [.. BitConverter.GetBytes(size), .. new byte[size / 16]];
            try
            {
                await client.SendAsync(request.AsMemory(0, 3)); // the server looks, and waits for the rest
                for (int sent = 3; sent < request.Length;)
                {
                    sent += await client.SendAsync(request.AsMemory(sent));
                }
            }
            catch (SocketException)
            {
                return; // what it receives says so too
            }
        }
    }

    private static async Task TakeAsync(PipeReader input, int count)
    {
        while (count > 0)
        {
            ReadResult read = await input.ReadAsync();
            int taken = (int)Math.Min(count, read.Buffer.Length);
            count -= taken;
            input.AdvanceTo(read.Buffer.GetPosition(taken));
            if (read.IsCompleted && count > 0)
            {
                throw new IOException("cut off");
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
