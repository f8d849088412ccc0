using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class KnownHeadersTests
{
    private static IEnumerable<KnownHeader> All => Enum.GetValues<KnownHeader>().Where(header => header != KnownHeader.Unknown);

    [Fact]
    public void Every_name_is_recognised_in_any_case()
    {
        foreach (KnownHeader header in All)
        {
            string name = KnownHeaders.NameOf(header);
            foreach (string spelling in new[] { name, name.ToLowerInvariant(), name.ToUpperInvariant() })
            {
                Assert.Equal(header, KnownHeaders.KeyOf(Encoding.ASCII.GetBytes(spelling)).Known);
                Assert.Equal(header, KnownHeaders.KeyOf(spelling).Known);
            }
        }
    }

    [Fact]
    public void A_name_that_differs_by_one_character_is_unknown()
    {
        foreach (string name in All.Select(KnownHeaders.NameOf))
        {
            Assert.Equal(KnownHeader.Unknown, Recognise(name + "x"));
            Assert.Equal(KnownHeader.Unknown, Recognise("x" + name));
            for (int i = 0; i < name.Length; i++)
            {
                foreach (char other in "~!-0aZ|")
                {
                    string changed = $"{name[..i]}{other}{name[(i + 1)..]}";
                    Assert.Equal(All.FirstOrDefault(header => KnownHeaders.NameOf(header).Equals(changed, StringComparison.OrdinalIgnoreCase)), Recognise(changed));
                }
            }
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("\u0168ost")]
    [InlineData("\u212Aeep-Alive")]
    [InlineData("a-name-that-is-longer-than-any-that-is-known")]
    public void Other_names_are_unknown(string name)
    {
        Assert.Equal(KnownHeader.Unknown, KnownHeaders.KeyOf(name).Known);
        Assert.Equal(KnownHeader.Unknown, KnownHeaders.KeyOf(Encoding.UTF8.GetBytes(name)).Known);
    }

    [Fact]
    public void There_is_an_id_for_each_and_no_name_is_too_long()
    {
        Assert.Equal(KnownHeaderData.Count, Enum.GetValues<KnownHeader>().Length);
        Assert.All(All, header => Assert.InRange(KnownHeaders.NameOf(header).Length, 2, KnownHeaders.MaxLength));
    }

    [Fact]
    public void The_rows_hold_the_names_and_the_slots_lead_to_them()
    {
        foreach (KnownHeader header in Enum.GetValues<KnownHeader>())
        {
            string row = Encoding.ASCII.GetString(KnownHeaderData.Rows.Slice((int)header * KnownHeaderData.RowSize, KnownHeaderData.RowSize));
            string name = KnownHeaders.NameOf(header).ToLowerInvariant();
            Assert.Equal((header == KnownHeader.Unknown ? "" : name + ":").PadRight(KnownHeaderData.RowSize), row);
            Assert.Equal(header == KnownHeader.Unknown ? byte.MaxValue : (name + ": ").Length, KnownHeaderData.Sizes[(int)header]);
        }

        Assert.Equal(KnownHeaderData.Count * KnownHeaderData.RowSize, KnownHeaderData.Rows.Length);
        Assert.Equal(Enumerable.Range(1, KnownHeaderData.Count - 1), KnownHeaderData.Slots.ToArray().Where(slot => slot != 0).Order().Select(slot => (int)slot));
    }

    private static KnownHeader Recognise(string name)
    {
        KnownHeader recognised = KnownHeaders.KeyOf(Encoding.ASCII.GetBytes(name)).Known;
        Assert.Equal(KnownHeaders.KeyOf(Encoding.ASCII.GetBytes(name)), KnownHeaders.KeyOf(name));
        return recognised;
    }
}
