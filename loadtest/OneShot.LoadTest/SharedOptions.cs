using System.CommandLine;
using OneShot.LoadTest.Report;
using Spectre.Console;

namespace OneShot.LoadTest;

/// <summary>Options that the commands have in common, and what they mean.</summary>
internal static class SharedOptions
{
    public static Option<string?> Server { get; } = new("--server") { Description = "The HeaderServer to start (program or .dll), if not the one built along with this.", HelpName = "path" };

    public static Option<string?> HaProxy { get; } = new("--haproxy") { Description = "Where HAProxy is, if not on the PATH.", HelpName = "path" };

    public static Option<string?> Json { get; } = new("--json") { Description = "Writes everything measured to this file.", HelpName = "file" };

    public static Option<string?> Report { get; } = new("--report") { Description = "Writes a Markdown report to this file, and its plots (SVG) beside it.", HelpName = "file.md" };

    public static void WriteJson<T>(ParseResult parsed, T result)
    {
        if (parsed.GetValue(Json) is { } file)
        {
            ReportJson.Write(result, file);
        }
    }

    /// <summary>A file has no edge that a table would have to wrap at.</summary>
    /// <param name="console">A terminal, which has one, or a file.</param>
    /// <param name="width">What the table takes, in characters.</param>
    public static void FitToFile(IAnsiConsole console, int width)
    {
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = width;
        }
    }
}
