using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spectre.Console;

namespace OneShot.LoadTest;

/// <summary>Runs the body of a command and turns what can go wrong into a line on standard error and an exit code.</summary>
internal static class CommandRun
{
    public static async Task<int> RunAsync(Func<Task<int>> command, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            return await command();
        }
        catch (LoadTestException exception)
        {
            await error.WriteLineAsync($"loadtest: {exception.Message}");
            return exception.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync("loadtest: cancelled; every process it had started is ended.");
            return ExitCode.Cancelled;
        }
        catch (IOException exception)
        {
            // A report that cannot be written, mostly.
            await error.WriteLineAsync($"loadtest: {exception.Message}");
            return ExitCode.CannotRun;
        }
        finally
        {
            // Ctrl+C in the middle of a progress display leaves the cursor hidden.
            AnsiConsole.Cursor.Show();
        }
    }
}

/// <summary>What the program says to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It ran to its end, and requests failed or a replica was missed.</summary>
    public const int Failed = 1;

    /// <summary>It could not run: a tool is missing, a port is taken, a server died, an output makes no sense.</summary>
    public const int CannotRun = 2;

    /// <summary>Ctrl+C or SIGTERM, by the shells' custom 128 + SIGINT.</summary>
    public const int Cancelled = 130;
}

/// <summary>Something the user has to know in one sentence, without a stack trace: the message is that sentence.</summary>
internal sealed class LoadTestException(string message, int exitCode = ExitCode.CannotRun) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Numbers that make no sense are refused where they are read, with the ones that do.</summary>
internal static class OptionBounds
{
    public static Option<int> Within(this Option<int> option, int least, int most)
    {
        option.Validators.Add(result => Check(result, least, most));
        return option;
    }

    public static void Check(OptionResult result, int least, int most)
    {
        // A text that is no number has its own message already.
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && (value < least || value > most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{result.Option.Name} is {value}: give {least} to {most}."));
        }
    }
}
