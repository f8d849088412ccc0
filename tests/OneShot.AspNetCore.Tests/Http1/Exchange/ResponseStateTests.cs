using System.Text;
using OneShot.AspNetCore.Http1.Exchange;

namespace OneShot.AspNetCore.Tests.Http1.Exchange;

/// <summary>Every pair of state and event, written down once more by hand, and the page that shows them.</summary>
public class ResponseStateTests
{
    // In the order of the events: Begin, Start, End, Fail, ClientGone, Cut, Finish. "!" cannot come, "~" stays.
    private static readonly Dictionary<string, string> s_expected = new()
    {
        ["Idle"] = "Open ! ! ~ ~ ~ ~",
        ["Open"] = "! Started ! Failed Gone Cut Idle",
        ["Started"] = "! ! Ended FailedLate GoneLate Cut Idle",
        ["Failed"] = "! Started ! ~ Gone Cut Idle",
        ["FailedLate"] = "! ! Ended ~ GoneLate Cut Idle",
        ["Gone"] = "! GoneLate ! ~ ~ Cut Idle",
        ["GoneLate"] = "! ! Ended ~ ~ Cut Idle",
        ["Cut"] = "! ! ! ~ ~ ~ Idle",
        ["Ended"] = "! ! ! ~ ~ ~ Idle",
    };

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string state in Enum.GetNames<ResponseState>())
            {
                foreach (string happened in Enum.GetNames<ResponseEvent>())
                {
                    pairs.Add(state, happened);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Each_event_leads_where_the_table_says(string state, string happened)
    {
        int column = (int)Enum.Parse<ResponseEvent>(happened);

        Assert.Equal(s_expected[state].Split(' ')[column], Cell(Enum.Parse<ResponseState>(state), (ResponseEvent)column));
    }

    [Fact]
    public void What_has_started_never_becomes_unstarted_before_the_next_request()
    {
        foreach (ResponseState state in Enum.GetValues<ResponseState>().Where(state => state.HasStarted()))
        {
            foreach (ResponseEvent happened in Enum.GetValues<ResponseEvent>().Where(happened => happened != ResponseEvent.Begin))
            {
                Assert.True(ResponseStates.TryNext(state, happened) is not { } next || next.HasStarted(), $"{state}, {happened}");
            }
        }
    }

    [Fact]
    public void The_architecture_page_shows_the_table()
    {
        var table = new StringBuilder();
        table.Append("| | ").AppendJoin(" | ", Enum.GetNames<ResponseEvent>()).Append(" |\n");
        table.Append("|---|").Insert(table.Length, "---|", Enum.GetValues<ResponseEvent>().Length).Append('\n');
        foreach (ResponseState state in Enum.GetValues<ResponseState>())
        {
            table.Append("| ").Append(state).Append(" | ").AppendJoin(" | ", Enum.GetValues<ResponseEvent>().Select(happened => Cell(state, happened))).Append(" |\n");
        }

        string page = RepositoryFile.Read("docs/architecture.md");
        Assert.Contains(table.ToString(), page.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private static string Cell(ResponseState state, ResponseEvent happened) => ResponseStates.TryNext(state, happened) switch
    {
        null => "!",
        { } next when next == state => "~",
        { } next => next.ToString(),
    };
}
