using System.Text.RegularExpressions;

namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>From <c>dotnet new</c> to a service that runs, by the words of the template's own readme, in a folder that knows nothing of this repository.</summary>
public sealed class TemplateTests : IDisposable
{
    private const string Content = "templates/OneShot.Templates/content/oneshot-api";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_project_builds_runs_and_answers()
    {
        string feed = await PackageFeed.FolderAsync();
        string hive = _folder["hive"];
        (await DotNet.RunAsync(["pack", RepositoryFile.PathOf("templates/OneShot.Templates/OneShot.Templates.csproj"), "--output", _folder["templates"]])).Succeeded();
        (await DotNet.RunAsync(["new", "install", Assert.Single(Directory.GetFiles(_folder["templates"], "*.nupkg")), "--debug:custom-hive", hive])).Succeeded();
        (await DotNet.RunAsync(["new", "oneshot-api", "--name", "OrderIntake", "--output", _folder["OrderIntake"], "--debug:custom-hive", hive])).Succeeded();

        string project = _folder["OrderIntake/OrderIntake.csproj"];
        Assert.Contains("name: order-intake", await File.ReadAllTextAsync(_folder["OrderIntake/deploy/kubernetes.yaml"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("OneShotApi", await File.ReadAllTextAsync(_folder["OrderIntake/Dockerfile"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        (await DotNet.RunAsync(["build", project, "-warnaserror", $"-p:RestoreAdditionalProjectSources={feed}", $"-p:RestorePackagesPath={_folder["packages"]}"])).Succeeded();

        int port = FreePort.Next();
        Uri address = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri;
        await using ChildProcess server = await ChildProcess.ListeningAsync(_folder["OrderIntake/bin/Debug/net10.0/OrderIntake"], ["--urls", address.ToString()], port);
        using HttpClient client = new() { BaseAddress = address };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("newcomer/1.0");
        Assert.Equal("Hello, newcomer/1.0!\n", await client.GetStringAsync(new Uri("/hello", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal("""{"id":1,"title":"Thing 1","isDone":true}""", await client.GetStringAsync(new Uri("/todos/1", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/livez", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void It_asks_for_the_packages_of_this_version()
    {
        string version = Regex.Match(RepositoryFile.Read("Directory.Build.props"), "<Version>([^<]*)</Version>").Groups[1].Value;

        Assert.Equal([version, version], Regex.Matches(RepositoryFile.Read($"{Content}/OneShotApi.csproj"), """Include="OneShot\.[A-Za-z]*" Version="([^"]*)""").Select(static match => match.Groups[1].Value));
    }

    [Fact]
    public void Its_manifest_fits_into_its_memory_limit()
    {
        string manifest = RepositoryFile.Read($"{Content}/deploy/kubernetes.yaml");
        long limit = KubernetesManifestBytes(Regex.Match(manifest, "limits: { memory: ([0-9]+)Mi }").Groups[1].Value);
        long capacity = KubernetesManifestBytes(Regex.Match(manifest, "Capacity, value: ([0-9]+)Mi").Groups[1].Value);
        long heap = Convert.ToInt64(Regex.Match(manifest, "GCHeapHardLimit, value: \"([0-9A-F]+)\"").Groups[1].Value, 16);

        Assert.True(1.2 * (capacity + heap + (64L << 20)) <= limit + (1L << 20), $"{capacity} + {heap} + 64 MiB, and a fifth, do not fit into {limit}.");
    }

    private static long KubernetesManifestBytes(string mebibytes) => long.Parse(mebibytes, System.Globalization.CultureInfo.InvariantCulture) << 20;
}
