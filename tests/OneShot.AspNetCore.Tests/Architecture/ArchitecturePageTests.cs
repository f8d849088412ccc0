namespace OneShot.AspNetCore.Tests.Architecture;

public class ArchitecturePageTests
{
    [Fact]
    public void The_architecture_page_names_every_folder_of_the_source()
    {
        string source = RepositoryFile.PathOf("src");
        string page = RepositoryFile.Read("docs/architecture.md");
        IEnumerable<string> folders = Directory
            .EnumerateDirectories(source, "*", SearchOption.AllDirectories)
            .Select(folder => Path.GetRelativePath(source, folder).Replace('\\', '/'))
            .Where(folder => !folder.Split('/').Any(part => part is "bin" or "obj"));

        Assert.All(folders, folder => Assert.Contains($"{folder.Split('/')[^1]}/", page, StringComparison.Ordinal));
    }
}
