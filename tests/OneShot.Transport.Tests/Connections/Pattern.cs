using System.Buffers;

namespace OneShot.Transport.Tests.Connections;

/// <summary>Bytes that say where in the stream they belong: none is equal to one that is near it, nor to one a block away.</summary>
internal static class Pattern
{
    public static byte At(long position) => (byte)(position + (position >> 8) + (position >> 15));

    public static byte[] Bytes(int count, long from = 0)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = At(from + i);
        }

        return bytes;
    }

    public static void Check(ReadOnlySequence<byte> bytes, long from)
    {
        foreach (ReadOnlyMemory<byte> part in bytes)
        {
            from = Check(part.Span, from);
        }
    }

    public static long Check(ReadOnlySpan<byte> bytes, long from)
    {
        foreach (byte value in bytes)
        {
            if (value != At(from))
            {
                Assert.Fail($"At {from} is {value}, not {At(from)}.");
            }

            from++;
        }

        return from;
    }
}
