namespace OneShot.Analyzers.Tests.Running;

/// <summary>
/// A piece of a corpus file: what follows a line <c>//// its name</c>. A comment <c>// OS0001</c> at the end of a line says what is
/// to be told there.
/// </summary>
public sealed record Snippet(string File, string Name, string Source)
{
    private const string Head = "//// ";

    /// <summary>Line (from 0) and rule of what is to be told.</summary>
    public IReadOnlyList<(int Line, string Rule)> Expected { get; } = [.. MarksOf(Source)];

    public override string ToString() => $"{File}: {Name}";

    /// <summary>All snippets of a folder of the corpus.</summary>
    public static IEnumerable<Snippet> In(string folder)
    {
        foreach (string resource in typeof(Snippet).Assembly.GetManifestResourceNames().Where(name => name.Replace('\\', '/').StartsWith(folder + '/', StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(typeof(Snippet).Assembly.GetManifestResourceStream(resource)!);
            string[] pieces = ("\n" + reader.ReadToEnd().ReplaceLineEndings("\n")).Split("\n" + Head, StringSplitOptions.RemoveEmptyEntries);
            foreach (string piece in pieces)
            {
                int end = piece.IndexOf('\n', StringComparison.Ordinal);
                yield return new Snippet(Path.GetFileName(resource.Replace('\\', '/')), piece[..end], piece[(end + 1)..]);
            }
        }
    }

    private static IEnumerable<(int Line, string Rule)> MarksOf(string source)
    {
        string[] lines = source.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int mark = lines[i].IndexOf("// OS", StringComparison.Ordinal);
            if (mark >= 0)
            {
                yield return (i, lines[i][(mark + 3)..].Trim());
            }
        }
    }
}
