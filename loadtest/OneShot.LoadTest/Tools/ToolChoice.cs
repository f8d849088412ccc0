using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Tools.Bombardier;
using OneShot.LoadTest.Tools.Wrk;

namespace OneShot.LoadTest.Tools;

/// <summary>Which load tool is used: the one asked for, else Bombardier, else wrk.</summary>
internal static class ToolChoice
{
    public const string Auto = "auto";
    public const string BombardierName = "bombardier";
    public const string WrkName = "wrk";

    /// <param name="name">One of the three names.</param>
    /// <param name="bombardier">Bombardier's path; null looks on the PATH.</param>
    /// <param name="tell">Is told what was chosen instead of what, and why.</param>
    /// <param name="cancellationToken">Ends the question to Bombardier.</param>
    /// <exception cref="LoadTestException">There is none, or not the one that was asked for.</exception>
    public static async Task<ILoadTool> OpenAsync(string name, string? bombardier, Action<string> tell, CancellationToken cancellationToken)
    {
        if (name == WrkName)
        {
            return Wrk() ?? throw new LoadTestException("wrk is not on the PATH: install it ('apt-get install wrk'), or use --tool bombardier.");
        }

        if (bombardier is not null)
        {
            return await BombardierTool.OpenAsync(Executables.Require(bombardier), cancellationToken);
        }

        if (Executables.Find(BombardierName) is not { } found)
        {
            return name == Auto && Wrk() is { } wrk
                ? Instead(wrk, "Bombardier is not on the PATH.", tell)
                : throw new LoadTestException($"{(name == Auto ? "Neither bombardier nor wrk is" : "bombardier is not")} on the PATH: get it from github.com/codesenberg/bombardier and give --bombardier PATH, or install wrk.");
        }

        try
        {
            return await BombardierTool.OpenAsync(found, cancellationToken);
        }
        catch (LoadTestException exception) when (name == Auto && Wrk() is { } wrk)
        {
            return Instead(wrk, exception.Message, tell);
        }
    }

    private static WrkTool? Wrk() => Executables.Find(WrkName) is { } file ? new WrkTool(file) : null;

    private static WrkTool Instead(WrkTool wrk, string reason, Action<string> tell)
    {
        tell($"{reason} Using wrk.");
        return wrk;
    }
}
