using OneShot.Differential.Tests.Corpus;

namespace OneShot.Differential.Tests.Shapes;

/// <summary>Ways to cut the same bytes: how they arrive must decide nothing.</summary>
internal static class Shape
{
    private const int MostPieces = 4096;

    /// <summary>A request before and one behind a case; the line end of the first one's body keeps the case at the start of a line.</summary>
    private static readonly byte[] s_before = CorpusText.ToBytes("POST /before HTTP/1.1¶Host: before¶Content-Length: 6¶X-Before: 1¶¶befo¶");
    private static readonly byte[] s_behind = CorpusText.ToBytes("GET /behind HTTP/1.1¶Host: behind¶X-Behind: 1¶¶");

    internal static IEnumerable<ReadOnlyMemory<byte>> Whole(byte[] bytes) => [bytes];

    /// <summary>One byte a piece; of very long inputs only the first few thousand.</summary>
    internal static IEnumerable<ReadOnlyMemory<byte>> ByteByByte(byte[] bytes)
    {
        int single = Math.Min(bytes.Length, MostPieces);
        for (int i = 0; i < single; i++)
        {
            yield return bytes.AsMemory(i, 1);
        }

        if (single < bytes.Length)
        {
            yield return bytes.AsMemory(single);
        }
    }

    /// <summary>Pieces of random length, the same on every run.</summary>
    internal static IEnumerable<ReadOnlyMemory<byte>> InPieces(byte[] bytes, Random random)
    {
        int most = Math.Max(2, bytes.Length / random.Next(1, 8));
        for (int start = 0; start < bytes.Length;)
        {
            int length = Math.Min(random.Next(1, most), bytes.Length - start);
            yield return bytes.AsMemory(start, length);
            start += length;
        }
    }

    internal static byte[] AmongNeighbours(byte[] bytes) => [.. s_before, .. bytes, .. s_behind];
}
