using Spectre.Console;

namespace OneShot.LoadTest.Tests.Report;

/// <summary>A console of 100 columns without colours, as text.</summary>
internal static class PlainConsole
{
    public static string Write(Action<IAnsiConsole> write)
    {
        StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = 100;
        console.Profile.Capabilities.Unicode = true;
        write(console);
        // Lines are padded to the width of what is above them.
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()));
    }
}
