using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The caller's place in a distributed trace, as the field <c>traceparent</c> tells it (W3C Trace Context, section 3.2). A value of 32 bytes, without managed memory:
/// it may cross an <see langword="await"/> and outlive its request. <see langword="default"/> is none.
/// </summary>
/// <remarks>
/// Formatted it is a field value of version 00, which is what a participant sends on: in a string, or in <c>arena.Utf8($"...")</c> without one.
/// </remarks>
public readonly struct TraceParent : IEquatable<TraceParent>, IUtf8SpanFormattable
{
    /// <summary>Bytes of a field value of version 00.</summary>
    private const int Length = 55;

    private const byte Sampled = 0x01;

    /// <summary>Those that are defined: sampled, and that the trace id is random (level 2).</summary>
    private const byte KnownFlags = 0x03;

    private TraceParent(byte version, UInt128 traceId, ulong parentId, byte flags)
    {
        Version = version;
        TraceId = traceId;
        ParentId = parentId;
        Flags = flags;
    }

    /// <summary>Whether there is one: a valid field value was read.</summary>
    public bool IsPresent => ParentId != 0;

    /// <summary>The version of the format, as it was sent.</summary>
    public byte Version { get; }

    /// <summary>The trace. Not zero where there is one.</summary>
    public UInt128 TraceId { get; }

    /// <summary>The caller's span in it. Not zero where there is one.</summary>
    public ulong ParentId { get; }

    /// <summary>All eight flags as they were sent, those without a meaning too.</summary>
    public byte Flags { get; }

    /// <summary>Whether the caller may have recorded the trace.</summary>
    public bool IsSampled => (Flags & Sampled) != 0;

    /// <summary>
    /// Reads a field value: lower-case digits only, ids that are not zero, no version ff. Of a version above 00, what version 00 knows is
    /// read, and more may follow behind a hyphen.
    /// </summary>
    /// <param name="value">The value, without white space around it.</param>
    /// <param name="parent">What it says.</param>
    /// <returns>Whether it is valid. If it is not, it is to be ignored, and a new trace begun.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out TraceParent parent)
    {
        parent = default;
        if (value.Length < Length || value[2] != '-' || value[35] != '-' || value[52] != '-')
        {
            return false;
        }

        bool isHex = TryReadHex(value[..2], out ulong version)
            & TryReadHex(value.Slice(3, 16), out ulong high)
            & TryReadHex(value.Slice(19, 16), out ulong low)
            & TryReadHex(value.Slice(36, 16), out ulong parentId)
            & TryReadHex(value.Slice(53, 2), out ulong flags);
        bool isLongerThanAllowed = value.Length > Length && (version == 0 || value[Length] != '-');
        if (!isHex || isLongerThanAllowed || version == 0xFF || (high | low) == 0 || parentId == 0)
        {
            return false;
        }

        parent = new TraceParent((byte)version, new UInt128(high, low), parentId, (byte)flags);
        return true;
    }

    /// <summary>The same trace, seen from a span of one's own: what is sent to whom this process calls.</summary>
    /// <param name="parentId">The span, not zero.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parentId"/> is zero.</exception>
    /// <exception cref="InvalidOperationException">There is no trace.</exception>
    public TraceParent WithParent(ulong parentId)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parentId);
        if (!IsPresent)
        {
            throw new InvalidOperationException("There is no trace to go on with: the request has no valid traceparent.");
        }

        return new TraceParent(version: 0, TraceId, parentId, (byte)(Flags & KnownFlags));
    }

    /// <summary>Writes the field value of version 00.</summary>
    /// <param name="utf8Destination">Room for 55 bytes.</param>
    /// <param name="bytesWritten">55; 0 where there is no trace or too little room.</param>
    /// <param name="format">Ignored.</param>
    /// <param name="provider">Ignored.</param>
    /// <returns>False where there is too little room.</returns>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        bytesWritten = 0;
        if (!IsPresent)
        {
            return true;
        }

        if (utf8Destination.Length < Length)
        {
            return false;
        }

        "00-"u8.CopyTo(utf8Destination);
        WriteHex((ulong)(TraceId >> 64), utf8Destination.Slice(3, 16));
        WriteHex((ulong)TraceId, utf8Destination.Slice(19, 16));
        utf8Destination[35] = (byte)'-';
        WriteHex(ParentId, utf8Destination.Slice(36, 16));
        utf8Destination[52] = (byte)'-';
        WriteHex((ulong)(Flags & KnownFlags), utf8Destination.Slice(53, 2));
        bytesWritten = Length;
        return true;
    }

    /// <summary>The field value of version 00; empty where there is no trace.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        TryFormat(bytes, out int written, default, CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetString(bytes[..written]);
    }

    /// <inheritdoc/>
    public bool Equals(TraceParent other) =>
        Version == other.Version && TraceId == other.TraceId && ParentId == other.ParentId && Flags == other.Flags;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is TraceParent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Version, TraceId, ParentId, Flags);

    /// <summary>Whether both say the same.</summary>
    public static bool operator ==(TraceParent left, TraceParent right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(TraceParent left, TraceParent right) => !left.Equals(right);

    private static bool TryReadHex(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiHexDigitLower((char)digit))
            {
                return false;
            }

            value = (value << 4) | (uint)((digit & 0xF) + (digit > '9' ? 9 : 0));
        }

        return true;
    }

    private static void WriteHex(ulong value, Span<byte> destination)
    {
        for (int i = destination.Length - 1; i >= 0; i--)
        {
            destination[i] = "0123456789abcdef"u8[(int)(value & 0xF)];
            value >>= 4;
        }
    }
}
