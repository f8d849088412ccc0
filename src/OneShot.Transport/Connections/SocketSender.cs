using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Transport.Buffers;
using OneShot.Transport.Native;

namespace OneShot.Transport.Connections;

/// <summary>Gives bytes to the kernel, as far as it takes them. One thread at a time for a connection.</summary>
internal static class SocketSender
{
    private const int MostVectors = 64;

    /// <summary>Sends blocks, which go back to their pool, and <paramref name="last"/> behind them; what is left of both stays.</summary>
    /// <returns>errno, or 0: then what is left waits for room.</returns>
    public static unsafe int Send(SocketConnection connection, ref BlockChain blocks, ref ReadOnlySpan<byte> last)
    {
        if (!connection.Descriptor.TryUse())
        {
            blocks.Release(connection.Blocks);
            last = [];
            return 0;
        }

        try
        {
            while (true)
            {
                nint sent;
                nint offered;
                if (blocks.IsEmpty && last.IsEmpty)
                {
                    return 0;
                }

                if (blocks.Head is { } head && (head != blocks.Tail || !last.IsEmpty))
                {
                    sent = SendParts(connection, head, last, out offered);
                }
                else
                {
                    ReadOnlySpan<byte> bytes = blocks.Head is { } only ? only.Filled : last;
                    offered = bytes.Length;
                    fixed (byte* start = bytes)
                    {
                        sent = Libc.Send(connection.Descriptor.Number, start, (nuint)offered, Libc.MessageNoSignal);
                    }
                }

                if (sent < 0)
                {
                    int error = Marshal.GetLastPInvokeError();
                    if (error == Errno.Interrupted)
                    {
                        continue;
                    }

                    return error == Errno.Again ? 0 : error;
                }

                connection.Metrics.Sent(sent);
                last = last[(int)blocks.Take(sent, connection.Blocks)..];
                if (sent < offered)
                {
                    return 0; // the kernel has no room, and says when it has
                }
            }
        }
        finally
        {
            connection.Descriptor.Release();
        }
    }

    private static unsafe nint SendParts(SocketConnection connection, Block head, ReadOnlySpan<byte> last, out nint offered)
    {
        Libc.IoVector* vectors = stackalloc Libc.IoVector[MostVectors];
        int count = 0;
        offered = 0;
        Block? block = head;
        for (; block is not null && count < MostVectors; block = block.Following)
        {
            // Blocks do not move.
            vectors[count].Base = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(block.Filled));
            vectors[count++].Length = (nuint)block.Length;
            offered += block.Length;
        }

        fixed (byte* start = last)
        {
            if (block is null && count < MostVectors && !last.IsEmpty)
            {
                vectors[count].Base = start;
                vectors[count++].Length = (nuint)last.Length;
                offered += last.Length;
            }

            var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
            return Libc.SendMessage(connection.Descriptor.Number, &message, Libc.MessageNoSignal);
        }
    }
}
