namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>A project of somebody else's, built from the packages alone.</summary>
public sealed class ConsumerTests : IDisposable
{
    private const string Program = """
        using OneShot;

        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddOneShotArena();
        builder.WebHost.UseOneShotHttp1();
        builder.WebHost.UseOneShotTransport();
        builder.Services.AddHealthChecks().AddOneShotArena();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();
        app.MapGet("/", context => context.Response.Body.WriteAsync(context.HeaderSpans["x-probe"u8].ToArray()).AsTask());
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        client.DefaultRequestHeaders.Add("x-probe", "from the packages");
        Console.WriteLine(await client.GetStringAsync("/"));
        await app.StopAsync();
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_project_that_takes_the_packages_builds_without_a_warning_and_runs()
    {
        string project = await WriteAsync();

        ToolResult result = (await DotNet.RunAsync(["run", "--project", project])).Succeeded();

        Assert.Contains("from the packages", result.Output.Split('\n')); // among lines of the log
    }

    /// <summary>Trim and AOT warnings are errors in it.</summary>
    [Fact]
    public async Task It_is_published_ahead_of_time_without_a_warning_and_runs()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "Takes a minute: runs with CI=true.");
        Assert.SkipUnless(Tool.IsInstalled("clang") || Tool.IsInstalled("gcc"), "Neither clang nor gcc is installed.");
        string project = await WriteAsync();
        string output = Path.Combine(Path.GetDirectoryName(project)!, "native");

        (await DotNet.RunAsync(["publish", project, "--configuration", "Release", "--use-current-runtime", "-p:PublishAot=true", "--output", output])).Succeeded();

        ToolResult result = (await Tool.RunAsync(Path.Combine(output, "Consumer"), [])).Succeeded();
        Assert.Contains("from the packages", result.Output.Split('\n')); // among lines of the log
    }

    private async Task<string> WriteAsync()
    {
        string feed = await PackageFeed.FolderAsync();
        _folder.Write("Program.cs", Program);
        _folder.Write("Directory.Build.props", "<Project />"); // nothing from above
        _folder.Write("Directory.Packages.props", "<Project />");
        return _folder.Write("Consumer.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>$(MSBuildThisFileDirectory)packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="OneShot.AspNetCore" Version="0.*" />
                <PackageReference Include="OneShot.Transport" Version="0.*" />
              </ItemGroup>
            </Project>
            """);
    }
}
