using System.Globalization;
using System.Text.RegularExpressions;

namespace OneShot.LoadTest.Drill.Succession;

/// <summary>What processes that succeed each other say of it on the one standard output that they share. Thread-safe.</summary>
internal sealed partial class Generations(Action<Takeover> onTakeover)
{
    private readonly Lock _lock = new();
    private readonly List<Takeover> _takeovers = [];
    private readonly List<int> _started = [];
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _failures = [];

    /// <summary>Where the first of them listens, and all that follow.</summary>
    public Task<Uri> Address => _address.Task;

    public IReadOnlyList<Takeover> Takeovers => Copy(_takeovers);

    /// <summary>The ids of all successors, also of one that is not ready yet.</summary>
    public IReadOnlyList<int> Started => Copy(_started);

    /// <summary>Successors that have failed, in the words of the process before.</summary>
    public IReadOnlyList<string> Failures => Copy(_failures);

    public void OnLine(string line)
    {
        if (Listening().Match(line) is { Success: true } listening)
        {
            _address.TrySetResult(new Uri(listening.Groups[1].Value));
        }
        else if (Successor().Match(line) is { Success: true } started)
        {
            Add(_started, Number(started, 1));
        }
        else if (Ready().Match(line) is { Success: true } ready)
        {
            Takeover takeover = new(Number(ready, 1), TimeSpan.FromMilliseconds(Number(ready, 2)));
            Add(_takeovers, takeover);
            onTakeover(takeover);
        }
        else if (line.Contains("No successor: ", StringComparison.Ordinal))
        {
            Add(_failures, line.Trim());
        }
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    private void Add<T>(List<T> list, T item)
    {
        lock (_lock)
        {
            list.Add(item);
        }
    }

    private IReadOnlyList<T> Copy<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }

    [GeneratedRegex(@"^Listening on (http://\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"Process (\d+) is to succeed this one")]
    private static partial Regex Successor();

    [GeneratedRegex(@"Process (\d+) was ready after (\d+) ms")]
    private static partial Regex Ready();
}

/// <summary>One process has succeeded another.</summary>
/// <param name="ProcessId">Of the successor.</param>
/// <param name="Start">From its start until it was ready; the process before it accepted meanwhile.</param>
internal sealed record Takeover(int ProcessId, TimeSpan Start);
