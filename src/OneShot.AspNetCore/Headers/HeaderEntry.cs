using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Headers;

/// <summary>One header line: where its name and its trimmed value are in the head. 16 bytes, so that four share a cache line.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeaderEntry
{
    public int NameOffset;
    public ushort NameLength;
    public KnownHeader Known;

    /// <summary>Whether the value has a byte above 0x7F and so must be checked against its encoding.</summary>
    public bool HasNonAscii;

    public int ValueOffset;
    public int ValueLength;
}
