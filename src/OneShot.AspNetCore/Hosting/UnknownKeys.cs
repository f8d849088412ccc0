using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Tells of keys in the section that nothing reads: a misspelt one would otherwise leave the default in place, unnoticed. In the groups of this library
/// every key is one of its own or a mistake; beside them an application may keep keys of its own, so only those are told that are nearly one of this library's.
/// </summary>
internal static class UnknownKeys
{
    /// <summary>One letter in so many may be wrong for a key to be nearly another.</summary>
    private const int LettersPerMistake = 3;

    public static void Tell(IConfiguration section, ILogger logger)
    {
        string prefix = section is IConfigurationSection { Path: { Length: > 0 } path } ? path + ":" : "";
        foreach ((string key, string hint) in Find(section, OneShotOptionsReader.Keys))
        {
            Events.UnknownOption(logger, prefix + key, hint);
        }
    }

    /// <param name="section">That has the keys.</param>
    /// <param name="known">All that are read, below the section.</param>
    internal static IEnumerable<(string Key, string Hint)> Find(IConfiguration section, IReadOnlyList<string> known) => Find(section, known, group: "");

    private static IEnumerable<(string Key, string Hint)> Find(IConfiguration section, IReadOnlyList<string> known, string group)
    {
        string[] here = [.. known.Where(key => key.StartsWith(group, StringComparison.OrdinalIgnoreCase)).Select(key => key[group.Length..].Split(':')[0]).Distinct(StringComparer.OrdinalIgnoreCase)];
        foreach (IConfigurationSection child in section.GetChildren())
        {
            string inGroup = group + child.Key + ":";
            if (known.Any(key => key.StartsWith(inGroup, StringComparison.OrdinalIgnoreCase)))
            {
                foreach ((string Key, string Hint) found in Find(child, known, inGroup))
                {
                    yield return found;
                }
            }
            else if (!here.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                (string nearest, int distance) = here.Select(key => (key, Distance(key, child.Key))).MinBy(static near => near.Item2);
                bool isNear = distance <= Math.Max(1, child.Key.Length / LettersPerMistake);
                if (isNear || group.Length > 0)
                {
                    yield return (group + child.Key, isNear ? $"did you mean {group}{nearest}" : $"there are {string.Join(", ", here)}");
                }
            }
        }
    }

    /// <summary>Letters to change, add or leave out, whatever their case (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 0; i < from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int change = diagonal + (char.ToUpperInvariant(from[i]) == char.ToUpperInvariant(to[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[^1];
    }
}
