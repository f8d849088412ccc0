namespace OneShot.Benchmarks.Headers;

/// <summary>Request heads as real clients sent them: the same files the tests parse.</summary>
internal static class RealHead
{
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "heads", name + ".http"));
}
