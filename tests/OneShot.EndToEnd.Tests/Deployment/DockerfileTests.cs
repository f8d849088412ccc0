using System.Text.RegularExpressions;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The sample's Dockerfile against the repository: no engine is needed to see that what it copies is there.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] s_lines = RepositoryFile.Read("samples/HeaderServer/Dockerfile").ReplaceLineEndings("\n").Split('\n');

    private static readonly string[] s_copied =
        [.. s_lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1])];

    [Fact]
    public void What_it_copies_is_there_and_not_ignored()
    {
        string[] sent = [.. RepositoryFile.Read(".dockerignore").ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..])];

        Assert.All(s_copied, path => Assert.True(Path.Exists(RepositoryFile.PathOf(path)), path));
        Assert.All(s_copied, path => Assert.Contains(sent, folder => path.TrimEnd('/') == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal)));
        Assert.All(sent, folder => Assert.Contains(s_copied, path => path.StartsWith(folder, StringComparison.Ordinal)));
    }

    [Fact]
    public void Restore_gets_every_project_the_sample_is_made_of()
    {
        string[] projects = [.. s_copied.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))];

        HashSet<string> needed = [];
        Add("samples/HeaderServer/HeaderServer.csproj");
        Assert.Equal(needed.Order(), projects.Order());

        void Add(string project)
        {
            needed.Add(project);
            string folder = Path.GetDirectoryName(project)!;
            foreach (Match reference in ProjectReference().Matches(RepositoryFile.Read(project)))
            {
                Add(Path.GetRelativePath(RepositoryFile.Root, RepositoryFile.PathOf(Path.Combine(folder, reference.Groups["path"].Value))));
            }
        }
    }

    [Fact]
    public void The_last_stage_runs_the_application_without_a_shell_as_nobody_special()
    {
        string[] last = s_lines[Array.FindLastIndex(s_lines, line => line.StartsWith("FROM ", StringComparison.Ordinal))..];

        Assert.Contains("chiseled", last[0], StringComparison.Ordinal);
        Assert.Contains("USER $APP_UID", last);
        Assert.Contains("""ENTRYPOINT ["dotnet", "HeaderServer.dll"]""", last);
        Assert.Contains(last, line => line.Contains("""CMD ["dotnet", "HeaderServer.dll", "healthcheck", """, StringComparison.Ordinal));
        Assert.DoesNotContain(last, line => line.StartsWith("RUN ", StringComparison.Ordinal));
    }

    [GeneratedRegex("<ProjectReference Include=\"(?<path>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex ProjectReference();
}
