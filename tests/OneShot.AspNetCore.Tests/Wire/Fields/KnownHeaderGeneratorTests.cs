using KnownHeaderGenerator;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class KnownHeaderGeneratorTests
{
    private static readonly string s_root = Repository.Find(AppContext.BaseDirectory);

    private static IReadOnlyList<string> Names => HeaderList.Read(Read(Repository.HeaderList));

    [Fact]
    public void The_file_in_the_tree_is_what_the_tool_writes() =>
        Assert.Equal(GeneratedFile.Write(Names), Read(Repository.GeneratedFile).ReplaceLineEndings("\n"));

    [Fact]
    public void The_ids_are_the_names_of_the_list_in_its_order() =>
        Assert.Equal(Names, Enum.GetValues<KnownHeader>().Skip(1).Select(KnownHeaders.NameOf));

    [Theory]
    [InlineData(100)]
    [InlineData(128)]
    [InlineData(255)]
    public void There_is_a_table_for_many_more_names(int count)
    {
        Random random = new(count);
        string[] names = [.. Names, .. Enumerable.Range(Names.Count, count - Names.Count).Select(i => $"x-{i}-{Letters(random, 3 + (i % 20))}")];

        PerfectHash hash = PerfectHash.Find(HeaderList.Read(string.Join('\n', names)));

        Assert.Equal(1 << hash.SlotBits, hash.Slots.Length);
        Assert.All(names.Index(), name => Assert.Equal(name.Index + 1, hash.IdOf(name.Item)));
        Assert.Equal(names.Length, hash.Slots.Count(slot => slot != 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but this")]
    [InlineData("a")]
    [InlineData("Two Words")]
    [InlineData("under_score")]
    [InlineData("-Host")]
    [InlineData("Host-")]
    [InlineData("Ho--st")]
    [InlineData("9-lives")]
    [InlineData("H\u00F6st")]
    [InlineData("Unknown")]
    [InlineData("Host\nhost")]
    [InlineData("access-control-request-headerss")]
    public void A_list_that_no_table_can_be_made_of_is_refused(string list) => Assert.Throws<HeaderListException>(() => HeaderList.Read(list));

    [Fact]
    public void More_names_than_a_byte_can_number_are_refused() =>
        Assert.Throws<HeaderListException>(() => HeaderList.Read(string.Join('\n', Enumerable.Range(0, HeaderList.MaxCount + 1).Select(i => $"x-{i}"))));

    [Fact]
    public void Names_that_look_the_same_to_the_hash_are_named()
    {
        HeaderListException refusal = Assert.Throws<HeaderListException>(() => PerfectHash.Find(["Host", "one-same", "Date", "Two-SAMe"]));

        Assert.Contains("'one-same'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'Two-SAMe'", refusal.Message, StringComparison.Ordinal);
    }

    private static string Letters(Random random, int length) => string.Concat(random.GetItems("abcdefghijklmnopqrstuvwxyz".AsSpan(), length));

    private static string Read(string path) => File.ReadAllText(Path.Combine(s_root, path));
}
