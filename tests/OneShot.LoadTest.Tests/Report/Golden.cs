using OneShot.LoadTest.Tests.Data;

namespace OneShot.LoadTest.Tests.Report;

/// <summary>Texts that were once looked at and found good. To renew one, copy the file the message names.</summary>
internal static class Golden
{
    public static void AssertEqual(string name, string actual)
    {
        string text = actual.ReplaceLineEndings("\n");
        string file = DataFile.PathOf(name);
        string expected = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (text == expected)
        {
            return;
        }

        string written = Path.Combine(AppContext.BaseDirectory, "actual-" + name);
        File.WriteAllText(written, text);
        Assert.Fail($"Not as in Data/{name}. What came out is in {written}:\n{text}");
    }
}
