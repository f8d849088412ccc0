using System.Diagnostics;
using System.Globalization;
using System.Text;
using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Tests.Headers;

public sealed class TraceParentTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string ParentId = "b7ad6b7169203331";
    private const string Valid = $"00-{TraceId}-{ParentId}-01";

    [Fact]
    public void A_valid_value_is_read_to_the_last_digit_and_written_back()
    {
        TraceParent parent = Parsed(Valid);

        Assert.True(parent.IsPresent);
        Assert.Equal(0, parent.Version);
        Assert.Equal(UInt128.Parse(TraceId, NumberStyles.HexNumber, null), parent.TraceId);
        Assert.Equal(0xb7ad6b7169203331, parent.ParentId);
        Assert.Equal(1, parent.Flags);
        Assert.True(parent.IsSampled);
        Assert.Equal(Valid, parent.ToString());
        Assert.Equal(parent, Parsed(parent.ToString()));
        Assert.False(Parsed($"00-{TraceId}-{ParentId}-fe").IsSampled);
        Assert.Equal($"00-{TraceId}-{ParentId}-02", Parsed($"00-{TraceId}-{ParentId}-fe").ToString());
    }

    [Theory]
    [InlineData($"01-{TraceId}-{ParentId}-01", 1)]
    [InlineData($"cc-{TraceId}-{ParentId}-01-", 0xcc)]
    [InlineData($"fe-{TraceId}-{ParentId}-01-what-the-future-brings", 0xfe)]
    public void Of_a_future_version_the_known_part_is_read_and_version_00_sent_on(string value, byte version)
    {
        TraceParent parent = Parsed(value);

        Assert.Equal(version, parent.Version);
        Assert.Equal(Valid, parent.ToString());
        Assert.Equal($"00-{TraceId}-0000000000000001-01", parent.WithParent(1).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData($"00-{TraceId}-{ParentId}-0")]
    [InlineData($"00-{TraceId}-{ParentId}-01-")]
    [InlineData($"00-{TraceId}-{ParentId}-01-more")]
    [InlineData($"01-{TraceId}-{ParentId}-01.more")]
    [InlineData($"01-{TraceId}-{ParentId}-010")]
    [InlineData($"ff-{TraceId}-{ParentId}-01")]
    [InlineData($"FE-{TraceId}-{ParentId}-01")]
    [InlineData($"0g-{TraceId}-{ParentId}-01")]
    [InlineData($"00-00000000000000000000000000000000-{ParentId}-01")]
    [InlineData($"00-{TraceId}-0000000000000000-01")]
    [InlineData($"00-0AF7651916CD43DD8448EB211C80319C-{ParentId}-01")]
    [InlineData($"00-{TraceId}-B7AD6B7169203331-01")]
    [InlineData($"00-{TraceId}-{ParentId}-0A")]
    [InlineData($"00_{TraceId}-{ParentId}-01")]
    [InlineData($"00-{TraceId}_{ParentId}-01")]
    [InlineData($"00-{TraceId}-{ParentId}_01")]
    [InlineData($"00-.af7651916cd43dd8448eb211c80319c-{ParentId}-01")]
    [InlineData($" {Valid}")]
    [InlineData($"{Valid} ")]
    [InlineData($"{Valid},{Valid}")]
    public void What_is_not_valid_is_no_trace(string value)
    {
        Assert.False(TraceParent.TryParse(Encoding.ASCII.GetBytes(value), out TraceParent parent));
        Assert.Equal(default, parent);
        Assert.False(parent.IsPresent);
        Assert.Equal("", parent.ToString());
        Assert.Throws<InvalidOperationException>(() => parent.WithParent(1));
    }

    [Fact]
    public void A_span_of_zero_is_none() => Assert.Throws<ArgumentOutOfRangeException>(() => Parsed(Valid).WithParent(0));

    [Fact]
    public void Any_byte_in_place_of_any_other_is_read_as_the_framework_reads_it_or_more_strictly()
    {
        byte[] value = Encoding.ASCII.GetBytes(Valid);
        for (int i = 0; i < value.Length; i++)
        {
            byte before = value[i];
            for (int octet = 0; octet < 128; octet++)
            {
                value[i] = (byte)octet;
                bool isRead = ActivityContext.TryParse(Encoding.ASCII.GetString(value), null, out ActivityContext expected)
                    && expected.TraceId != default && expected.SpanId != default;
                bool isValid = TraceParent.TryParse(value, out TraceParent parent);
                bool isToleratedThere = i is 2 or 35 or 52 || (i >= 53 && char.IsAsciiHexDigitUpper((char)octet)); // any separator, upper case
                Assert.True(isRead == isValid || (isToleratedThere && !isValid), Encoding.ASCII.GetString(value));
                if (isValid)
                {
                    Assert.Equal($"{expected.TraceId}-{expected.SpanId}", parent.ToString()[3..52]);
                    Assert.Equal(expected.TraceFlags.HasFlag(ActivityTraceFlags.Recorded), parent.IsSampled);
                }
            }

            value[i] = before;
        }
    }

    [Fact]
    public void It_is_written_into_an_arena_without_a_string()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();

        Assert.True(arena.Utf8(CultureInfo.InvariantCulture, $"{Parsed(Valid).WithParent(0xAB)}").SequenceEqual(Encoding.ASCII.GetBytes($"00-{TraceId}-00000000000000ab-01")));
        Assert.False(Parsed(Valid).TryFormat(new byte[54], out int written, default, CultureInfo.InvariantCulture));
        Assert.Equal(0, written);
    }

    private static TraceParent Parsed(string value)
    {
        Assert.True(TraceParent.TryParse(Encoding.ASCII.GetBytes(value), out TraceParent parent), value);
        return parent;
    }
}
