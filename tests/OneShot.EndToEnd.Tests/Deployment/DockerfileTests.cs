using System.Text.RegularExpressions;
using OneShot.EndToEnd.Tests.Packages;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The sample's Dockerfiles against the repository: no engine is needed to see that what they copy is there.</summary>
public sealed partial class DockerfileTests
{
    private const string Usual = "samples/HeaderServer/Dockerfile";
    private const string AheadOfTime = "samples/HeaderServer/Dockerfile.aot";

    [Theory]
    [InlineData(Usual)]
    [InlineData(AheadOfTime)]
    public void What_it_copies_is_there_and_not_ignored(string file)
    {
        string[] copied = Copied(Lines(file));
        string[] sent = [.. RepositoryFile.Read(".dockerignore").ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..])];

        Assert.All(copied, path => Assert.True(Path.Exists(RepositoryFile.PathOf(path)), path));
        Assert.All(copied, path => Assert.Contains(sent, folder => path.TrimEnd('/') == folder || path.StartsWith($"{folder}/", StringComparison.Ordinal)));
        Assert.All(sent, folder => Assert.Contains(copied, path => path.StartsWith(folder, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Usual)]
    [InlineData(AheadOfTime)]
    public void Restore_gets_every_project_the_sample_is_made_of_and_what_they_import(string file)
    {
        string[] lines = Lines(file);
        int restore = Array.FindIndex(lines, line => line.StartsWith("RUN dotnet restore ", StringComparison.Ordinal));
        string[] copied = Copied(lines[..restore]);

        HashSet<string> needed = [];
        HashSet<string> imported = [];
        Add("samples/HeaderServer/HeaderServer.csproj");
        Assert.Equal(needed.Order(), copied.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Order());
        Assert.Equal(imported.Order(), copied.Where(path => Path.GetFileName(path) == "Directory.Build.props").Order());
        Assert.Contains("Directory.Packages.props", copied);

        void Add(string project)
        {
            needed.Add(project);
            string folder = Path.GetDirectoryName(project)!;
            for (string? above = folder; above is not null; above = Path.GetDirectoryName(above))
            {
                string properties = Path.Combine(above, "Directory.Build.props");
                if (File.Exists(RepositoryFile.PathOf(properties)))
                {
                    imported.Add(properties);
                }
            }

            foreach (Match reference in ProjectReference().Matches(RepositoryFile.Read(project)))
            {
                Add(Path.GetRelativePath(RepositoryFile.Root, RepositoryFile.PathOf(Path.Combine(folder, reference.Groups["path"].Value))));
            }
        }
    }

    /// <summary>The first stage without an engine: its copies into a folder, its commands there.</summary>
    [Fact]
    public async Task Its_first_stage_builds_the_sample_from_what_it_copies()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "Takes half a minute: runs with CI=true.");
        using TemporaryFolder stage = new();
        string[] lines = Lines(Usual);
        foreach (string line in lines[..Array.FindLastIndex(lines, line => line.StartsWith("FROM ", StringComparison.Ordinal))])
        {
            string[] words = line.Split(' ');
            switch (words)
            {
                case ["COPY", .. string[] paths, _]:
                    Array.ForEach(paths, path => CopyInto(stage, path));
                    break;
                case ["RUN", "dotnet", .. string[] arguments]:
                    (await DotNet.RunAsync(arguments.Select(argument => argument == "/app" ? stage["app"] : argument), stage.Path)).Succeeded();
                    break;
            }
        }

        Assert.True(File.Exists(stage["app/HeaderServer.dll"]));
    }

    [Theory]
    [InlineData(Usual, "dotnet", "HeaderServer.dll")]
    [InlineData(AheadOfTime, "/app/HeaderServer")]
    public void The_last_stage_runs_the_application_without_a_shell_as_nobody_special(string file, params string[] program)
    {
        string[] lines = Lines(file);
        string[] last = lines[Array.FindLastIndex(lines, line => line.StartsWith("FROM ", StringComparison.Ordinal))..];
        string command = string.Join(", ", program.Select(word => $"\"{word}\""));

        Assert.Contains("chiseled", last[0], StringComparison.Ordinal);
        Assert.Contains("USER $APP_UID", last);
        Assert.Contains($"ENTRYPOINT [{command}]", last);
        Assert.Contains(last, line => line.Contains($"CMD [{command}, \"healthcheck\", ", StringComparison.Ordinal));
        Assert.DoesNotContain(last, line => line.StartsWith("RUN ", StringComparison.Ordinal));
    }

    private static void CopyInto(TemporaryFolder stage, string path)
    {
        string source = RepositoryFile.PathOf(path);
        string[] files = Directory.Exists(source) ? Directory.GetFiles(source, "*", SearchOption.AllDirectories) : [source];
        foreach (string file in files.Select(static file => Path.GetRelativePath(RepositoryFile.Root, file)).Where(static file => !file.Split('/').Any(static part => part is "bin" or "obj")))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(stage[file])!);
            File.Copy(RepositoryFile.PathOf(file), stage[file], overwrite: true);
        }
    }

    private static string[] Lines(string file) => RepositoryFile.Read(file).ReplaceLineEndings("\n").Split('\n');

    private static string[] Copied(string[] lines) =>
        [.. lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1])];

    [GeneratedRegex("<ProjectReference Include=\"(?<path>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex ProjectReference();
}
