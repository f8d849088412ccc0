namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>The packages of this build in a folder, as a feed: packed once for all tests, of what is built already.</summary>
internal static class PackageFeed
{
    private static readonly Lazy<Task<string>> s_folder = new(PackAsync);

    /// <summary>One package a project of <c>src</c>.</summary>
    internal static TheoryData<string> Names => ["OneShot", "OneShot.AspNetCore", "OneShot.AspNetCore.Testing", "OneShot.OpenTelemetry", "OneShot.Transport"];

    /// <summary>The folder.</summary>
    internal static Task<string> FolderAsync() => s_folder.Value;

    /// <summary>The path of a package, or of its symbols.</summary>
    internal static async Task<string> PathAsync(string name, string extension = "nupkg") =>
        Assert.Single(Directory.GetFiles(await FolderAsync(), $"{name}.?.?.?.{extension}"));

    private static async Task<string> PackAsync()
    {
        string folder = Path.Combine(RepositoryFile.PathOf("artifacts"), "test-feed");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        foreach (string name in Names.Select(static row => row.Data))
        {
            string project = RepositoryFile.PathOf($"src/{name}/{name}.csproj");
            (await DotNet.RunAsync(["pack", project, "--no-build", "--configuration", configuration, "--output", folder])).Succeeded();
        }

        return folder;
    }
}
