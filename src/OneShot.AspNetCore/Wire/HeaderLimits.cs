using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Wire;

/// <summary>How large a request head may be. Sizes are bytes and include the line ends, as Kestrel counts them.</summary>
/// <param name="MaxRequestLineSize">The request line with its CRLF, without empty lines before it.</param>
/// <param name="MaxRequestHeadersTotalSize">All header lines and the empty line behind them.</param>
/// <param name="MaxRequestHeaderCount">The number of header lines.</param>
internal readonly record struct HeaderLimits(int MaxRequestLineSize, int MaxRequestHeadersTotalSize, int MaxRequestHeaderCount)
{
    /// <summary>The table indexes its entries with 16 bits, so no head has more lines than this, whatever the server allows.</summary>
    public const int HeaderCountCeiling = ushort.MaxValue;

    /// <summary>What is accepted beyond the front's own rules.</summary>
    public Tolerated Tolerated { get; init; }

    /// <summary>The limits of a server: the one place they are configured. Kestrel does not count the empty line, so it comes on top.</summary>
    public static HeaderLimits From(KestrelServerLimits limits) => new(
        limits.MaxRequestLineSize,
        Math.Min(limits.MaxRequestHeadersTotalSize, int.MaxValue - 2) + 2,
        Math.Min(limits.MaxRequestHeaderCount, HeaderCountCeiling));
}
