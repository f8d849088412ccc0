using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Wire;

/// <summary>Names are equal without regard to the case of ASCII letters (RFC 9110 5.1), and of nothing else.</summary>
internal static class HeaderNameComparison
{
    /// <summary>Compares two names of the same length, eight bytes at a time.</summary>
    /// <param name="wire">ASCII.</param>
    /// <param name="name">Any bytes, as many as <paramref name="wire"/> has.</param>
    public static bool AreEqual(ReadOnlySpan<byte> wire, ReadOnlySpan<byte> name)
    {
        int length = wire.Length;
        ref byte left = ref MemoryMarshal.GetReference(wire);
        ref byte right = ref MemoryMarshal.GetReference(name);
        if (length < sizeof(ulong))
        {
            for (int i = 0; i < length; i++)
            {
                if (!AreEqual(Unsafe.Add(ref left, i), (ulong)Unsafe.Add(ref right, i)))
                {
                    return false;
                }
            }

            return true;
        }

        for (int i = 0; i < length - sizeof(ulong); i += sizeof(ulong))
        {
            if (!AreEqual(Read(ref left, i), Read(ref right, i)))
            {
                return false;
            }
        }

        return AreEqual(Read(ref left, length - sizeof(ulong)), Read(ref right, length - sizeof(ulong)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreEqual(ulong wire, ulong name)
    {
        const ulong CaseBits = 0x2020_2020_2020_2020;
        ulong differences = wire ^ name;

        // The high bit of each byte that is a letter: no sum carries over, for the bytes are ASCII.
        ulong lower = wire | CaseBits;
        ulong letters = (lower + 0x1F1F_1F1F_1F1F_1F1F) & ~(lower + 0x0505_0505_0505_0505);
        return (differences & ~CaseBits) == 0 && ((differences << 2) & ~letters) == 0;
    }

    private static ulong Read(ref byte start, int offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));
}
