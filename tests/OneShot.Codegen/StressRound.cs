using System.Diagnostics;
using System.Globalization;

namespace OneShot.Codegen;

/// <summary>Threads that do what they must not, for a while, until they are told that it is over; and what they threw.</summary>
internal sealed class StressRound
{
    private static readonly TimeSpan s_length = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly List<Exception> _failures = [];
    private bool _isOver;

    public bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>What went wrong; null for nothing.</summary>
    public string? Failure => _failures.Count == 0 ? null : string.Join(Environment.NewLine, _failures);

    /// <summary>One round after the other, each from a seed of its own.</summary>
    /// <returns>What went wrong first; null for nothing.</returns>
    public static string? Repeat(TimeSpan time, int seed, Func<int, string?> round)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; seed++)
        {
            if (round(seed) is { } failure)
            {
                return string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {failure}");
            }
        }

        return null;
    }

    /// <summary>Runs each on a thread of its own.</summary>
    /// <returns>False if one does not come back.</returns>
    public bool TryRun(IEnumerable<Action> bodies)
    {
        List<Thread> threads = [.. bodies.Select(body => new Thread(() => Guard(body)) { IsBackground = true })];
        threads.ForEach(thread => thread.Start());
        Thread.Sleep(s_length);
        Volatile.Write(ref _isOver, true);
        return threads.TrueForAll(thread => thread.Join(s_patience));
    }

    /// <summary>Keeps what it throws.</summary>
    public void Guard(Action body)
    {
        try
        {
            body();
        }
        catch (Exception failure)
        {
            lock (_failures)
            {
                _failures.Add(failure);
            }
        }
    }
}
