using System.Text;
using OneShot.Differential.Tests.Corpus;

namespace OneShot.Differential.Tests.Comparison;

/// <summary>Gathers what does not hold, so that one run shows all of it. Thread-safe.</summary>
internal sealed class Complaints
{
    /// <summary>More than these are counted, not shown.</summary>
    internal const int MostShown = 40;

    private readonly List<string> _all = [];

    internal int Count
    {
        get
        {
            lock (_all)
            {
                return _all.Count;
            }
        }
    }

    internal void Add(string where, byte[] input, Divergence divergence) =>
        Add($"{where}\n  sent: {CorpusText.FromBytes(input)}\n  {divergence}");

    internal void Add(string text)
    {
        lock (_all)
        {
            _all.Add(text);
        }
    }

    /// <summary>Fails the test when there are any.</summary>
    internal void AssertNone()
    {
        if (_all.Count == 0)
        {
            return;
        }

        StringBuilder text = new StringBuilder().Append(_all.Count).AppendLine(" do not hold:");
        foreach (string one in _all.Take(MostShown))
        {
            text.AppendLine(one);
        }

        Assert.Fail(text.ToString());
    }
}
