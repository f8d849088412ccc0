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
