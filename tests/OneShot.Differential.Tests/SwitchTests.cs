using OneShot.AspNetCore.Http1;
using OneShot.Differential.Tests.Comparison;
using OneShot.Differential.Tests.Corpus;
using OneShot.Differential.Tests.Servers;
using OneShot.Differential.Tests.Shapes;

namespace OneShot.Differential.Tests;

/// <summary>Each switch under <c>OneShot:Http1</c> makes the difference of its row go away, and no other.</summary>
public class SwitchTests(TwinFixture twins)
{
    private static readonly Func<byte[], IEnumerable<ReadOnlyMemory<byte>>>[] s_shapes =
        [Shape.Whole, bytes => Shape.InPieces(bytes, new Random(bytes.Length))];

    public static TheoryData<string, string> Switches => new()
    {
        { nameof(Http1Options.AllowBareLineFeed), "bare-lf" },
        { nameof(Http1Options.AllowEmptyHost), "host-empty" },
        { nameof(Http1Options.AllowLengthBesideTransferEncoding), "length-and-coding" },
        { nameof(Http1Options.AllowControlCharactersInValues), "header-control" },
        { nameof(Http1Options.KeepAliveAfterUnreadExpect), "expect-unread" },
    };

    [Fact]
    public void Every_switch_is_here() =>
        Assert.Equal(typeof(Http1Options).GetProperties().Select(property => property.Name).Order(), Switches.Select(row => row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(Switches))]
    public void A_row_names_its_switch(string name, string row)
    {
        string line = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "http1-differences.md")).Single(line => line.StartsWith($"| `{row}` |", StringComparison.Ordinal));
        Assert.Contains($"`{name}`", line, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public async Task With_its_switch_a_row_is_needed_by_no_case_and_nothing_else_changes(string name, string row)
    {
        await using TwinServers switched = await TwinServers.StartAsync(http1: options => typeof(Http1Options).GetProperty(name)!.SetValue(options, true));
        var complaints = new Complaints();
        int gone = 0;
        foreach (CorpusCase one in CorpusFiles.All.Where(one => ReferenceEquals(twins.For(one), twins.Usual) && !BreaksKestrel(one)))
        {
            foreach (Func<byte[], IEnumerable<ReadOnlyMemory<byte>>> cut in s_shapes)
            {
                HashSet<string> without = [];
                HashSet<string> with = [];
                Outcome stock = await switched.Stock.AskAsync(cut(one.Bytes));
                Outcome usual = await twins.Usual.Front.AskAsync(cut(one.Bytes));
                Outcome front = await switched.Front.AskAsync(cut(one.Bytes));
                Judge.FirstUnexplained(one.Bytes, stock, usual, without);
                if (Judge.FirstUnexplained(one.Bytes, stock, front, with) is { } divergence)
                {
                    complaints.Add(one.ToString(), one.Bytes, divergence);
                }

                if (with.Contains(row))
                {
                    complaints.Add($"{one} still needs {row}: {CorpusText.FromBytes(one.Bytes)}");
                }

                if (without.Contains(row))
                {
                    gone++;
                }
                else if (FirstChange(usual, front) is { } change)
                {
                    complaints.Add($"{one} is otherwise with {name}: {change}: {CorpusText.FromBytes(one.Bytes)}");
                }
            }
        }

        complaints.AssertNone();
        Assert.True(gone >= 3, "no case needs the row");
    }

    /// <summary>Kestrel has no answer to a client that sends the field under which it shows the length; the front refuses it with the switch, too.</summary>
    private static bool BreaksKestrel(CorpusCase one) => new InputBytes(one.Bytes).AnyField("X-Content-Length", ".*");

    private static Difference? FirstChange(Outcome usual, Outcome front)
    {
        for (int exchange = 0; exchange <= OutcomeComparer.Count(usual, front); exchange++)
        {
            if (OutcomeComparer.Compare(usual, front, exchange) is [var first, ..])
            {
                return first;
            }
        }

        return null;
    }
}
