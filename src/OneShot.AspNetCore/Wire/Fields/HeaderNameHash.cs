using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>What the hash of a header name looks at: its length and its last three bytes. The tool that searches the multiplier compiles this file too.</summary>
internal static class HeaderNameHash
{
    /// <summary>The length and the last three bytes in one word, in lower case by one bit.</summary>
    /// <param name="length">The name's length in bytes.</param>
    /// <param name="tail">
    /// Four bytes as they are on the wire, the first one lowest: the last three of the name and its colon. Of a shorter name, the line
    /// end before it stands in for what it has not.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Fold(int length, uint tail) => (tail | 0x2020_2020) ^ ((uint)length << 24);

    /// <summary>The four bytes that <see cref="Fold"/> wants, of a name that stands alone.</summary>
    /// <param name="name">At least one byte.</param>
    public static uint TailOf(ReadOnlySpan<byte> name) => Tail(name) | ((uint)':' << 24);

    private static uint Tail(ReadOnlySpan<byte> name) => name.Length switch
    {
        >= sizeof(uint) => BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(uint)..]) >> 8,
        3 => name[0] | ((uint)name[1] << 8) | ((uint)name[2] << 16),
        2 => '\n' | ((uint)name[0] << 8) | ((uint)name[1] << 16),
        _ => '\r' | ((uint)'\n' << 8) | ((uint)name[0] << 16),
    };
}
