using System.IO.Compression;
using System.Xml.Linq;

namespace OneShot.EndToEnd.Tests.Packages;

public class PackageTests
{
    public static TheoryData<string> Names => PackageFeed.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_package_has_what_a_gallery_shows_and_an_editor_reads(string name)
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await PackageFeed.PathAsync(name), TestContext.Current.CancellationToken);
        XElement metadata = Metadata(package, name);

        Assert.Equal("MIT", Value(metadata, "license"));
        Assert.NotEmpty(Value(metadata, "description"));
        Assert.NotEmpty(Value(metadata, "tags").Split(' '));
        Assert.StartsWith("CHANGELOG.md", Value(metadata, "releaseNotes"), StringComparison.Ordinal);
        foreach (string entry in new[] { Value(metadata, "icon"), Value(metadata, "readme"), "LICENSE", "CHANGELOG.md", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml" })
        {
            Assert.True(package.GetEntry(entry) is { Length: > 0 }, $"{entry} is not in the package: {string.Join(", ", package.Entries)}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_readme_says_how_to_install_it_and_needs_no_repository(string name)
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await PackageFeed.PathAsync(name), TestContext.Current.CancellationToken);
        using StreamReader reader = new(await package.GetEntry("PACKAGE.md")!.OpenAsync(TestContext.Current.CancellationToken));
        string text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith($"# {name}\n", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains($"dotnet add package {name}\n", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("](", text, StringComparison.Ordinal); // a link of the repository leads nowhere in a gallery
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Symbols_come_in_a_package_of_their_own(string name)
    {
        using ZipArchive symbols = await ZipFile.OpenReadAsync(await PackageFeed.PathAsync(name, "snupkg"), TestContext.Current.CancellationToken);

        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{name}.pdb"));
    }

    [Theory]
    [InlineData("OneShot")]
    [InlineData("OneShot.AspNetCore", "OneShot")]
    [InlineData("OneShot.AspNetCore.Testing", "OneShot.AspNetCore")]
    [InlineData("OneShot.OpenTelemetry", "OpenTelemetry.Api")]
    [InlineData("OneShot.Transport")]
    public async Task It_depends_on_what_the_page_of_dependencies_says_and_nothing_else(string name, params string[] dependencies)
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await PackageFeed.PathAsync(name), TestContext.Current.CancellationToken);

        Assert.Equal(dependencies, Metadata(package, name).Descendants().Where(static element => element.Name.LocalName == "dependency").Select(static element => element.Attribute("id")!.Value));
    }

    /// <summary>Internal types have their comments too; an editor shows none of them to a user of the package.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_documented_type_is_public(string name)
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await PackageFeed.PathAsync(name), TestContext.Current.CancellationToken);
        XDocument docs = await XDocument.LoadAsync(await package.GetEntry($"lib/net10.0/{name}.xml")!.OpenAsync(TestContext.Current.CancellationToken), LoadOptions.None, TestContext.Current.CancellationToken);
        string face = RepositoryFile.Read($"src/{name}/PublicAPI.Unshipped.txt") + RepositoryFile.Read($"src/{name}/PublicAPI.Shipped.txt");

        string[] types = [.. docs.Descendants("member").Select(static member => member.Attribute("name")!.Value).Where(static id => id.StartsWith("T:", StringComparison.Ordinal)).Select(static id => id[2..])];

        Assert.NotEmpty(types);
        Assert.All(types, type => Assert.Contains(type.Split('`')[0], face, StringComparison.Ordinal));
    }

    private static XElement Metadata(ZipArchive package, string name)
    {
        using Stream stream = package.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(stream).Root!.Elements().Single(static element => element.Name.LocalName == "metadata");
    }

    private static string Value(XElement metadata, string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
}
