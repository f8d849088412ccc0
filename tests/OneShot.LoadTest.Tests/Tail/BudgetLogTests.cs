using OneShot.LoadTest.Report;
using OneShot.LoadTest.Tail;

namespace OneShot.LoadTest.Tests.Tail;

public class BudgetLogTests
{
    [Fact]
    public void Events_of_the_budget_are_taken_from_the_log_and_others_are_not()
    {
        BudgetLog log = new();
        foreach (string line in new[]
        {
            "Listening on http://127.0.0.1:8080",
            "info: OneShot.AspNetCore.Restart[1411]",
            "      No garbage collection from here on, until 67108864 bytes are allocated",
            "info: OneShot.AspNetCore.Restart[1408]",
            "info: Somebody.Else[1414]",
            "warn: OneShot.AspNetCore.Restart[1414]",
        })
        {
            log.OnLine(line);
        }

        IReadOnlyList<BudgetMark> marks = log.Since(DateTime.UtcNow.AddMinutes(-1));

        Assert.Equal([BudgetEvent.Entered, BudgetEvent.Spent], marks.Select(mark => mark.Event));
        Assert.All(marks, mark => Assert.True(mark.At > TimeSpan.Zero));
    }

    [Fact]
    public void Each_event_has_words_of_its_own()
    {
        string[] words = [.. Enum.GetValues<BudgetEvent>().Select(static what => TailRows.Describe(new BudgetMark(what, TimeSpan.FromSeconds(3))))];

        Assert.Equal(words.Length, words.Distinct().Count());
    }
}
