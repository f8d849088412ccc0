using System.Text;
using OneShot.AspNetCore.Wire;

namespace KnownHeaderGenerator;

/// <summary>A multiplier that sends each known name to a slot of its own, and the slots it makes.</summary>
/// <param name="Multiplier">What <see cref="HeaderNameHash.Fold"/> is multiplied by.</param>
/// <param name="SlotBits">How many of the product's highest bits are the slot.</param>
/// <param name="Slots">The number of the name that a slot leads to, or 0.</param>
internal sealed record PerfectHash(uint Multiplier, int SlotBits, byte[] Slots)
{
    /// <summary>Fewer slots would save nothing: 256 bytes are four cache lines.</summary>
    private const int MinSlotBits = 8;

    /// <summary>65,536 slots: more than enough for 255 names, as the tests show.</summary>
    private const int MaxSlotBits = 16;

    /// <summary>63 names in 256 slots take some thousand trials, 120 names some million; then more slots are the better answer.</summary>
    private const int TrialsForASize = 1 << 20;

    /// <summary>Finds the fewest slots, and the first multiplier for them, of a fixed sequence: the same names give the same tables.</summary>
    /// <exception cref="HeaderListException">Two names look the same to the hash.</exception>
    public static PerfectHash Find(IReadOnlyList<string> names)
    {
        uint[] keys = [.. names.Select(KeyOf)];
        for (int i = 0; i < keys.Length; i++)
        {
            if (Array.IndexOf(keys, keys[i]) is var other && other != i)
            {
                throw new HeaderListException(
                    $"'{names[i]}' and '{names[other]}' have the same length and the same last three characters, which is all that the hash looks at: only one can be known.");
            }
        }

        ulong state = 0;
        for (int bits = MinSlotBits; bits <= MaxSlotBits; bits++)
        {
            byte[] slots = new byte[1 << bits];
            for (int trial = 0; trial < TrialsForASize; trial++)
            {
                uint multiplier = NextMultiplier(ref state);
                if (TryFill(slots, keys, multiplier, bits))
                {
                    return new PerfectHash(multiplier, bits, slots);
                }
            }
        }

        throw new HeaderListException($"No multiplier in {MaxSlotBits} bits sends {names.Count} names to slots of their own.");
    }

    /// <summary>The number of the only name that <paramref name="name"/> can be, or 0.</summary>
    public int IdOf(string name) => Slots[SlotOf(KeyOf(name), Multiplier, SlotBits)];

    private static uint SlotOf(uint key, uint multiplier, int bits) => unchecked(key * multiplier) >> (32 - bits);

    private static uint KeyOf(string name)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(name);
        return HeaderNameHash.Fold(bytes.Length, HeaderNameHash.TailOf(bytes));
    }

    private static bool TryFill(byte[] slots, uint[] keys, uint multiplier, int bits)
    {
        Array.Clear(slots);
        for (int i = 0; i < keys.Length; i++)
        {
            ref byte slot = ref slots[SlotOf(keys[i], multiplier, bits)];
            if (slot != 0)
            {
                return false;
            }

            slot = (byte)(i + 1);
        }

        return true;
    }

    /// <summary>SplitMix64; odd, so that no bit of the key is lost.</summary>
    private static uint NextMultiplier(ref ulong state)
    {
        unchecked
        {
            state += 0x9E37_79B9_7F4A_7C15;
            ulong mixed = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
            return (uint)(mixed >> 32) | 1;
        }
    }
}
