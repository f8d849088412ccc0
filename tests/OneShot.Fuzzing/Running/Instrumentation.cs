using SharpFuzz;

namespace OneShot.Fuzzing.Running;

/// <summary>A copy of this program whose code under test tells which branches it takes.</summary>
internal static class Instrumentation
{
    private static readonly string[] s_codeUnderTest = ["OneShot.AspNetCore.Wire.", "OneShot.AspNetCore.Headers."];

    /// <summary>Copies the program and instruments the copy.</summary>
    /// <returns>The copy's entry point.</returns>
    public static string CopyTo(string folder)
    {
        string source = AppContext.BaseDirectory;
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        Fuzzer.Instrument(
            Path.Combine(folder, "OneShot.AspNetCore.dll"),
            type => s_codeUnderTest.Any(room => type.StartsWith(room, StringComparison.Ordinal)),
            Options.Value);
        return Path.Combine(folder, "OneShot.Fuzzing.dll");
    }
}
