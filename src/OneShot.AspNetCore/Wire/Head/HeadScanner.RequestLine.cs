using System.Numerics;
using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>The request line, within the first block.</summary>
internal sealed partial class HeadScanner
{
    /// <summary>Reads <c>method SP target SP HTTP/1.x</c>, of printable ASCII only.</summary>
    private static bool TryReadRequestLine(ref byte start, int length, int end, ref RequestLine line)
    {
        // "A * HTTP/1.1" is the shortest there is.
        const int VersionSize = 8;
        if (end is < 12 or >= ByteMask.BlockSize || Read<ushort>(ref start, end) != LineEnd)
        {
            return false;
        }

        ulong spaces = ByteMask.SpacesAtStart(ref start, length) & ((1UL << end) - 1);
        int first = BitOperations.TrailingZeroCount(spaces);
        ulong rest = spaces & (spaces - 1);
        int last = BitOperations.TrailingZeroCount(rest);
        if (last != end - VersionSize - 1 || (rest & (rest - 1)) != 0 || last == first + 1 || first == 0)
        {
            return false;
        }

        const ulong Http10 = 0x302E_312F_5054_5448;
        const ulong Http11 = 0x312E_312F_5054_5448;
        ulong version = Read<ulong>(ref start, end - VersionSize);
        if (version is not (Http10 or Http11))
        {
            return false;
        }

        ReadOnlySpan<byte> method = MemoryMarshal.CreateReadOnlySpan(ref start, first);
        const uint Get = 0x2054_4547;
        line.Method = Read<uint>(ref start, 0) == Get ? HttpMethodId.Get : MethodNames.Recognise(method);
        line.Version = version == Http11 ? HttpVersion.Http11 : HttpVersion.Http10;
        line.MethodOffset = 0;
        line.MethodLength = first;
        line.TargetOffset = first + 1;
        line.TargetLength = last - first - 1;
        return line.Method != HttpMethodId.Other || FieldSyntax.IsToken(method);
    }
}
