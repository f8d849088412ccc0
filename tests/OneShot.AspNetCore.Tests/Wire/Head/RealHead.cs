namespace OneShot.AspNetCore.Tests.Wire;

/// <summary>Request heads as real clients sent them.</summary>
internal static class RealHead
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Data", "heads");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(s_folder, "*.http").Select(Path.GetFileName).Order()!;

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(s_folder, name));
}
