namespace OneShot.Differential.Tests.Corpus;

/// <summary>The corpus: one file a topic, one line a case (<c>name := bytes</c>), <c>#</c> for comments.</summary>
internal static class CorpusFiles
{
    private const string Separator = " := ";

    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Corpus");

    internal static IReadOnlyList<CorpusCase> All { get; } = [.. Directory.EnumerateFiles(s_folder, "*.txt").Order().SelectMany(Read)];

    internal static IEnumerable<string> Topics => All.Select(one => one.Topic).Distinct();

    internal static IEnumerable<CorpusCase> Of(string topic) => All.Where(one => one.Topic == topic);

    private static IEnumerable<CorpusCase> Read(string file)
    {
        string topic = Path.GetFileNameWithoutExtension(file);
        foreach (string line in File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#'))
        {
            int separator = line.IndexOf(Separator, StringComparison.Ordinal);
            if (separator <= 0)
            {
                throw new FormatException($"{topic}: no \"{Separator}\" in: {line}");
            }

            yield return new CorpusCase(topic, line[..separator], CorpusText.ToBytes(line[(separator + Separator.Length)..]));
        }
    }
}
