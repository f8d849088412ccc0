using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OneShot.Memory;

namespace OneShot.Tests.Memory;

public class AlignmentTests
{
    [Theory]
    [InlineData(0, 8, 0)]
    [InlineData(1, 8, 8)]
    [InlineData(8, 8, 8)]
    [InlineData(9, 64, 64)]
    [InlineData(4097, 4096, 8192)]
    public void Rounding_up_reaches_the_next_multiple(int value, int alignment, int expected) =>
        Assert.Equal((nuint)expected, Alignment.Up((nuint)value, (nuint)alignment));

    [Fact]
    public void A_type_is_aligned_as_the_runtime_aligns_it_and_never_to_less_than_eight_bytes()
    {
        Assert.Equal(8, Alignment.Of<byte>());
        Assert.Equal(8, Alignment.Of<long>());
        Assert.Equal(8, Alignment.Of<Packed>());
        Assert.Equal(16, Alignment.Of<Int128>());
        Assert.Equal(16, Alignment.Of<Vector128<byte>>());
        Assert.Equal(32, Alignment.Of<Vector256<byte>>());
        Assert.Equal(64, Alignment.Of<Vector512<byte>>());
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly struct Packed
    {
        public readonly byte First;
        public readonly long Second;
    }
}
