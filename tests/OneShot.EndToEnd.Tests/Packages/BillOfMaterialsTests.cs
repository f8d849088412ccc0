using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>The bill of materials that a package carries, against the package itself.</summary>
public class BillOfMaterialsTests
{
    public static TheoryData<string> Names => PackageFeed.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_lists_every_library_of_the_package_with_its_hash(string name)
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await PackageFeed.PathAsync(name), TestContext.Current.CancellationToken);
        using JsonDocument bill = await ReadAsync(package);
        JsonElement self = bill.RootElement.GetProperty("metadata").GetProperty("component");

        Assert.Equal(name, self.GetProperty("name").GetString());
        Assert.StartsWith($"pkg:nuget/{name}@", self.GetProperty("purl").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            package.Entries.Where(static entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal)).Select(Hash).Order(),
            self.GetProperty("components").EnumerateArray().Select(static file => (file.GetProperty("name").GetString()!, Hash(file, "SHA-256"))).Order());
    }

    [Theory]
    [InlineData("OneShot")]
    [InlineData("OneShot.AspNetCore", "OneShot")]
    [InlineData("OneShot.AspNetCore.Testing", "OneShot", "OneShot.AspNetCore")]
    [InlineData("OneShot.OpenTelemetry", "OpenTelemetry.Api")]
    [InlineData("OneShot.Transport")]
    public async Task It_lists_all_that_the_package_brings_along(string name, params string[] packages)
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await PackageFeed.PathAsync(name), TestContext.Current.CancellationToken);
        using JsonDocument bill = await ReadAsync(package);
        JsonElement[] components = [.. bill.RootElement.GetProperty("components").EnumerateArray()];

        Assert.Equal(packages, components.Select(static component => component.GetProperty("name").GetString()!));
        Assert.All(components, static component => Assert.Single(component.GetProperty("licenses").EnumerateArray()));
        Assert.All(
            components.Where(static component => !component.GetProperty("name").GetString()!.StartsWith("OneShot", StringComparison.Ordinal)),
            static component => Assert.Equal(128, Hash(component, "SHA-512").Length));
        Assert.Equal(packages.Length + 1, bill.RootElement.GetProperty("dependencies").GetArrayLength());
    }

    private static async Task<JsonDocument> ReadAsync(ZipArchive package)
    {
        ZipArchiveEntry? entry = package.GetEntry("bom.cdx.json");
        Assert.True(entry is not null, $"No bill of materials in {string.Join(", ", package.Entries)}");
        await using Stream stream = await entry.OpenAsync(TestContext.Current.CancellationToken);
        return await JsonDocument.ParseAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static (string Name, string Hash) Hash(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        return (entry.FullName, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static string Hash(JsonElement component, string algorithm) => Assert.Single(
        component.GetProperty("hashes").EnumerateArray(), hash => hash.GetProperty("alg").GetString() == algorithm).GetProperty("content").GetString()!;
}
