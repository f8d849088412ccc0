namespace OneShot.LoadTest.Tools;

internal static class ToolText
{
    private const int Shown = 200;

    /// <summary>The beginning of an output on one line, to show what it was instead of what was expected.</summary>
    public static string Beginning(string output)
    {
        string line = output.ReplaceLineEndings(" ").Trim();
        return line.Length switch
        {
            0 => "it printed nothing.",
            <= Shown => line,
            _ => line[..Shown] + "...",
        };
    }
}
