using OneShot.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Tests.Hosting;

public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("67108864", 67108864)]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("64 mib", 64L << 20)]
    [InlineData(" 16KIB ", 16L << 10)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("64Mi", 64L << 20)]
    [InlineData("16 ki", 16L << 10)]
    [InlineData("1Gi", 1L << 30)]
    [InlineData("1Ti", 1L << 40)]
    [InlineData("1TiB", 1L << 40)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("8388607TiB", 8388607L << 40)]
    public void Bytes_and_binary_units_are_read(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("64MB")]
    [InlineData("64M")]
    [InlineData("Mi")]
    [InlineData("64i")]
    [InlineData("64m i b")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("-1MiB")]
    [InlineData("1.5GiB")]
    [InlineData("1,024")]
    [InlineData("0x400")]
    [InlineData("64MiBKiB")]
    [InlineData("8388608TiB")]
    [InlineData("9223372036854775808")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(-5, "-5 bytes")]
    [InlineData(1000, "1000 bytes")]
    [InlineData(1024, "1KiB")]
    [InlineData(1536, "1536 bytes")]
    [InlineData(64L << 20, "64MiB")]
    [InlineData(3L << 40, "3TiB")]
    public void A_size_is_told_in_its_shortest_exact_form(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));

    [Fact]
    public void What_is_told_can_be_read_back() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.Long[1, 1 << 20], CsCheck.Gen.Int[0, 40], (count, shift) => count << shift),
        bytes => ByteSize.TryParse(ByteSize.Format(bytes).Replace(" bytes", "", StringComparison.Ordinal), out long read) && read == bytes);
}
