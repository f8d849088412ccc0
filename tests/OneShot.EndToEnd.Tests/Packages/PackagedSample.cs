using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>A sample as a project of somebody else's: its sources in a folder outside of the repository, built from the packages.</summary>
internal sealed partial class PackagedSample : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _name;

    private PackagedSample(string name) => _name = name;

    private string Project => _folder[$"{_name}/{_name}.csproj"];

    /// <summary>Copies <c>samples/NAME</c>, has it refer to packages where it refers to projects, and builds it; a warning fails the test.</summary>
    internal static async Task<PackagedSample> BuildAsync(string name)
    {
        string feed = await PackageFeed.FolderAsync();
        PackagedSample sample = new(name);
        try
        {
            sample.CopySources();
            sample.TakePackages();
            sample.WriteProperties(feed);
            (await DotNet.RunAsync(["build", sample.Project])).Succeeded();
            return sample;
        }
        catch
        {
            sample.Dispose();
            throw;
        }
    }

    /// <summary>Starts it in its own folder, where its settings are, and waits until it listens on <paramref name="port"/> of loopback.</summary>
    internal Task<ChildProcess> StartAsync(int port, params string[] arguments) => ChildProcess.ListeningAsync(
        _folder[$"{_name}/bin/Debug/net10.0/{_name}"], ["--contentRoot", _folder[_name], "--urls", $"http://127.0.0.1:{port}", .. arguments], port);

    public void Dispose() => _folder.Dispose();

    private void CopySources()
    {
        string source = RepositoryFile.PathOf($"samples/{_name}");
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(source, file);
            if (path.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            {
                _folder.Write(Path.Combine(_name, path), File.ReadAllText(file));
            }
        }
    }

    /// <remarks>The versions stand in a file above, for these as for the sample's other packages.</remarks>
    private void TakePackages()
    {
        XDocument project = XDocument.Load(Project);
        foreach (XElement reference in project.Descendants("ProjectReference").ToArray())
        {
            Match path = SourceProject().Match(reference.Attribute("Include")!.Value);
            Assert.True(path.Success, $"{reference} of samples/{_name} is no package of ours.");
            reference.ReplaceWith(new XElement("PackageReference", new XAttribute("Include", path.Groups["name"].Value)));
        }

        project.Save(Project);
    }

    /// <summary>What the repository has for all of its projects, and a user in each.</summary>
    private void WriteProperties(string feed)
    {
        XDocument versions = XDocument.Parse(RepositoryFile.Read("Directory.Packages.props"));
        string own = XDocument.Parse(RepositoryFile.Read("Directory.Build.props")).Descendants("Version").Single().Value;
        versions.Root!.Add(new XElement("ItemGroup", PackageFeed.Names.Select(
            name => new XElement("PackageVersion", new XAttribute("Include", name.Data), new XAttribute("Version", own)))));
        _folder.Write("Directory.Packages.props", versions.ToString());
        _folder.Write("Directory.Build.targets", "<Project />"); // nothing from above
        _folder.Write("Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <WarningsNotAsErrors>NU1901;NU1902;NU1903;NU1904</WarningsNotAsErrors>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>$(MSBuildThisFileDirectory)packages</RestorePackagesPath>
              </PropertyGroup>
            </Project>
            """);
    }

    [GeneratedRegex(@"^\.\./\.\./src/(?<name>[\w.]+)/\k<name>\.csproj$", RegexOptions.ExplicitCapture)]
    private static partial Regex SourceProject();
}
