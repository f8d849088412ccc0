using System.Globalization;
using System.Text.RegularExpressions;

namespace OneShot.LoadTest.Tail;

/// <summary>What becomes of a heap budget: the ids are those of the server's log.</summary>
internal enum BudgetEvent
{
    /// <summary>The process is full, and a restart would come now.</summary>
    Due = 1403,

    /// <summary>Nothing is collected from here on.</summary>
    Entered = 1411,

    /// <summary>Something has collected, and the budget was entered anew; the log tells the first time.</summary>
    EnteredAgain = 1412,

    /// <summary>The runtime has not granted it.</summary>
    Refused = 1413,

    /// <summary>It is used up: collection resumes.</summary>
    Spent = 1414,

    /// <summary>Not all of its memory is there at the start.</summary>
    NotPopulated = 1420,

    /// <summary>Something has collected while the process drained: collection resumes.</summary>
    Left = 1431,

    /// <summary>Something has collected, and the budget was not granted again: collection resumes.</summary>
    NotEnteredAgain = 1432,
}

/// <param name="At">From when the first request was due; negative before.</param>
/// <param name="Replica">From 0 on; 0 where there is one process.</param>
internal sealed record BudgetMark(BudgetEvent Event, TimeSpan At, int Replica = 0);

/// <summary>Reads the log of a server while it runs, so that nobody has to ask it meanwhile.</summary>
/// <param name="replica">Whose.</param>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class BudgetLog(int replica = 0)
{
    private readonly Lock _lock = new();
    private readonly List<(BudgetEvent Event, DateTime At)> _events = [];

    public void OnLine(string line)
    {
        if (Head().Match(line) is { Success: true } match
            && (BudgetEvent)int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var budgetEvent && Enum.IsDefined(budgetEvent))
        {
            lock (_lock)
            {
                _events.Add((budgetEvent, DateTime.UtcNow));
            }
        }
    }

    public IReadOnlyList<BudgetMark> Since(DateTime start)
    {
        lock (_lock)
        {
            return [.. _events.Select(one => new BudgetMark(one.Event, one.At - start, replica))];
        }
    }

    /// <summary>The first line of a message on the console: level, category, event id.</summary>
    [GeneratedRegex(@"^[a-z]+: OneShot\.[\w.]+\[(\d+)\]$", RegexOptions.CultureInvariant)]
    private static partial Regex Head();
}
