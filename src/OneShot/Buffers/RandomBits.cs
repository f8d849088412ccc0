using System.Numerics;
using System.Runtime.InteropServices;

namespace OneShot.Buffers;

/// <summary>Random bits of the operating system's, for the keys of hashes.</summary>
/// <remarks>Taken of Guids: the class of the framework that is made for it is in the assembly of cryptography, which loads OpenSSL.</remarks>
internal static class RandomBits
{
    /// <summary>64 of them: a Guid has 122, and its six fixed ones meet random ones here.</summary>
    public static ulong Next()
    {
        Span<Guid> random = [Guid.NewGuid()];
        ReadOnlySpan<ulong> halves = MemoryMarshal.Cast<Guid, ulong>(random);
        return halves[0] ^ BitOperations.RotateLeft(halves[1], 32);
    }
}
