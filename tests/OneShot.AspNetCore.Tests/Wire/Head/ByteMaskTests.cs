using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class ByteMaskTests
{
    [Fact]
    public void Token_bytes_are_told_from_all_others()
    {
        for (int value = 0; value < 256; value++)
        {
            bool token = FieldSyntax.TokenBytes.Contains((byte)value);
            Assert.Equal(token ? 0 : uint.MaxValue, ByteMask.NotToken(Vector256.Create((byte)value)));
        }
    }

    [Fact]
    public void Special_bytes_are_all_but_printable_ascii()
    {
        for (int value = 0; value < 256; value++)
        {
            byte[] bytes = new byte[64];
            Array.Fill(bytes, (byte)value);
            Assert.Equal(value is >= 0x20 and < 0x7F ? 0 : ulong.MaxValue, ByteMask.Special(ref bytes[0], 0));
        }
    }

    [Fact]
    public void Each_byte_has_its_bit_wherever_the_bytes_end()
    {
        using var memory = new GuardedMemory(256);
        for (int length = ByteMask.MinLength; length <= 200; length++)
        {
            for (int special = 0; special < length; special++)
            {
                byte[] bytes = new byte[length];
                Array.Fill(bytes, (byte)'a');
                bytes[special] = (byte)'\r';
                ref byte start = ref MemoryMarshal.GetReference(memory.Place(bytes));
                for (int offset = Math.Max(0, length - 63); offset < length; offset++)
                {
                    Assert.Equal(special >= offset ? 1UL << (special - offset) : 0, ByteMask.SpecialAtEnd(ref start, offset, length));
                }

                bytes[special] = (byte)' ';
                start = ref MemoryMarshal.GetReference(memory.Place(bytes));
                Assert.Equal(special < 64 ? 1UL << special : 0, ByteMask.SpacesAtStart(ref start, length));
            }
        }
    }
}
