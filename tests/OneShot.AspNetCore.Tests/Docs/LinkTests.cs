using System.Text.RegularExpressions;

namespace OneShot.AspNetCore.Tests.Docs;

/// <summary>Every link of every page leads somewhere: to a file of the repository (a folder is no page of the site), and to a heading where it names one.</summary>
public partial class LinkTests
{
    private static readonly string s_root = RepositoryFile.PathOf(".");

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(s_root, "*.md")
            .Concat(Directory.EnumerateFiles(RepositoryFile.PathOf("docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(RepositoryFile.PathOf("deploy"), "*.md", SearchOption.AllDirectories))
            .Select(static path => Path.GetRelativePath(s_root, path).Replace('\\', '/')),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_somewhere(string page)
    {
        string text = WithoutCode(RepositoryFile.Read(page));
        List<string> broken = [];
        foreach (Match match in Link().Matches(text))
        {
            string target = match.Groups[1].Value;
            if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
            {
                continue;
            }

            string[] parts = target.Split('#');
            string file = parts[0].Length == 0 ? RepositoryFile.PathOf(page) : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(RepositoryFile.PathOf(page))!, parts[0]));
            if (!File.Exists(file) || (parts.Length > 1 && !Anchors(file).Contains(parts[1])))
            {
                broken.Add(target);
            }
        }

        Assert.True(broken.Count == 0, $"{page} links to what is not there: {string.Join(", ", broken)}");
    }

    [Fact]
    public void Every_guide_is_in_the_table_of_contents()
    {
        string contents = RepositoryFile.Read("docs/toc.yml");

        Assert.All(
            Directory.EnumerateFiles(RepositoryFile.PathOf("docs"), "*.md").Select(Path.GetFileName),
            page => Assert.Contains($"href: {page}\n", contents.ReplaceLineEndings("\n"), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_decision_is_in_their_list()
    {
        string list = RepositoryFile.Read("docs/decisions/README.md");

        Assert.All(
            Directory.EnumerateFiles(RepositoryFile.PathOf("docs/decisions"), "???-*.md").Select(Path.GetFileName),
            page => Assert.Contains($"| [{page![..3]}]({page}) | ", list, StringComparison.Ordinal));
    }

    /// <summary>As GitHub and DocFX make them: lower case, no punctuation, dashes for spaces; of the same ones the second has -1 behind it.</summary>
    private static HashSet<string> Anchors(string file)
    {
        HashSet<string> anchors = [.. Named().Matches(File.ReadAllText(file)).Select(static match => match.Groups[1].Value)];
        foreach (Match heading in Heading().Matches(WithoutFences(File.ReadAllText(file).ReplaceLineEndings("\n"))))
        {
            string text = LinkText().Replace(heading.Groups[1].Value, "$1").Trim().ToLowerInvariant();
            string anchor = Punctuation().Replace(text, "").Replace(' ', '-');
            for (int i = 1; !anchors.Add(anchor); i++)
            {
                anchor = $"{anchor}-{i}";
            }
        }

        return anchors;
    }

    private static string WithoutFences(string text) => Fence().Replace(text, "");

    private static string WithoutCode(string text) => Code().Replace(WithoutFences(text.ReplaceLineEndings("\n")), "");

    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("<a id=\"([^\"]+)\">")]
    private static partial Regex Named();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{N}\s_-]")]
    private static partial Regex Punctuation();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex Code();
}
