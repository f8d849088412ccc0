using System.Net;
using System.Security.Cryptography;

namespace OneShot.EndToEnd.Tests.Uploads;

/// <summary>A body that exists only while it is sent, and knows the hash of what it has sent.</summary>
internal sealed class GeneratedContent(long length) : HttpContent
{
    private readonly byte[] _piece = MakePiece();

    internal string Hash { get; private set; } = "";

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long left = length; left > 0; left -= _piece.Length)
        {
            ReadOnlyMemory<byte> piece = _piece.AsMemory(0, (int)Math.Min(left, _piece.Length));
            hash.AppendData(piece.Span);
            await stream.WriteAsync(piece);
        }

        Hash = Convert.ToHexString(hash.GetHashAndReset());
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    /// <summary>Boundaries and line ends among the bytes: what looks like the end of a part is not one.</summary>
    private static byte[] MakePiece()
    {
        byte[] piece = new byte[50_021];
        new Random(3).NextBytes(piece);
        "\r\n--other-boundary\r\n\r\n0\r\n\r\n"u8.CopyTo(piece.AsSpan(1000));
        return piece;
    }
}
