namespace KnownHeaderGenerator;

/// <summary>The names to recognise, and what a name must be like to have a place in the tables.</summary>
internal static class HeaderList
{
    /// <summary>A known header's number is a byte, and 0 stands for every unknown one.</summary>
    public const int MaxCount = byte.MaxValue;

    /// <summary>A name stands in a row of one vector, with its colon and a space.</summary>
    public const int MaxLength = RowSize - 2;

    /// <summary>The bytes of a row.</summary>
    public const int RowSize = 32;

    /// <summary>Reads a list: one name a line; empty lines, and lines that begin with a number sign, say nothing.</summary>
    /// <exception cref="HeaderListException">A name is not one, or stands there twice.</exception>
    public static IReadOnlyList<string> Read(string text)
    {
        string[] names = [.. text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#'))];
        Check(names);
        return names;
    }

    /// <summary>The member of the enum for a name: its words together, each with a capital letter.</summary>
    public static string MemberOf(string name) => string.Concat(name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static void Check(string[] names)
    {
        if (names.Length is 0 or > MaxCount)
        {
            throw new HeaderListException($"{names.Length} names: 1 to {MaxCount} have a number.");
        }

        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        HashSet<string> members = new(StringComparer.Ordinal) { "Unknown" };
        foreach (string name in names)
        {
            // Folding a vector to lower case by one bit is right for letters, digits and the hyphen only.
            if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || !char.IsAsciiLetter(name[0]) || name.Split('-').Contains(""))
            {
                throw new HeaderListException($"'{name}': a known name is words of letters and digits with one hyphen between them.");
            }

            if (name.Length is < 2 or > MaxLength)
            {
                throw new HeaderListException($"'{name}' has {name.Length} characters: 2 to {MaxLength} fit into a row of the table.");
            }

            if (!seen.Add(name) || !members.Add(MemberOf(name)))
            {
                throw new HeaderListException($"'{name}' is there twice.");
            }
        }
    }
}
