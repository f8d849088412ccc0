using System.Text.RegularExpressions;
using OneShot.Differential.Tests.Comparison;
using OneShot.Differential.Tests.Corpus;
using OneShot.Differential.Tests.Servers;
using OneShot.Differential.Tests.Shapes;

namespace OneShot.Differential.Tests;

/// <summary><c>docs/http1-differences.md</c> and the table of rules are the same list, and nothing on it is there without need.</summary>
public partial class DifferencesPageTests(TwinFixture twins)
{
    private static readonly string s_page = Path.Combine(AppContext.BaseDirectory, "http1-differences.md");

    private static readonly Func<byte[], IEnumerable<ReadOnlyMemory<byte>>>[] s_shapes =
        [Shape.Whole, bytes => Shape.InPieces(bytes, new Random(bytes.Length))];

    [Fact]
    public void Each_row_has_its_rule_and_each_rule_its_row()
    {
        List<string> rows = [.. Row().Matches(File.ReadAllText(s_page)).Select(match => match.Groups[1].Value)];
        Assert.Equal(rows.Distinct(), rows);
        Assert.Equal(KnownDifferences.All.Select(rule => rule.Id).Distinct().Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_row_says_where_the_rule_comes_from()
    {
        foreach (string line in File.ReadLines(s_page).Where(line => Row().IsMatch(line)))
        {
            string[] cells = line.Trim('|', ' ').Split(" | ");
            Assert.True(cells is { Length: 5 } && cells.All(cell => cell.Trim().Length > 0), line);
            Assert.Matches("(RFC|Kestrel)", cells[4]);
        }
    }

    [Fact]
    public async Task Each_rule_is_needed_by_a_case()
    {
        HashSet<string> needed = [];
        foreach (CorpusCase one in CorpusFiles.All)
        {
            TwinServers servers = twins.For(one);
            foreach (Func<byte[], IEnumerable<ReadOnlyMemory<byte>>> cut in s_shapes)
            {
                Judge.FirstUnexplained(
                    one.Bytes, await servers.Stock.AskAsync(cut(one.Bytes)), await servers.Front.AskAsync(cut(one.Bytes)), needed);
            }
        }

        Assert.Empty(KnownDifferences.All.Select(rule => rule.Id).Except(needed));
    }

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \|", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Row();
}
