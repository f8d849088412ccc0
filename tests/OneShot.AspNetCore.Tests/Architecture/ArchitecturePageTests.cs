namespace OneShot.AspNetCore.Tests.Architecture;

public class ArchitecturePageTests
{
    [Fact]
    public void The_architecture_page_names_every_folder_of_the_source()
    {
        string root = RepositoryRoot();
        string page = File.ReadAllText(Path.Combine(root, "docs", "architecture.md"));
        IEnumerable<string> folders = Directory
            .EnumerateDirectories(Path.Combine(root, "src"), "*", SearchOption.AllDirectories)
            .Select(folder => Path.GetRelativePath(Path.Combine(root, "src"), folder).Replace('\\', '/'))
            .Where(folder => !folder.Split('/').Any(part => part is "bin" or "obj"));

        Assert.All(folders, folder => Assert.Contains($"{folder.Split('/')[^1]}/", page, StringComparison.Ordinal));
    }

    internal static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OneShot.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run from within the repository.");
    }
}
