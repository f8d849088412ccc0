using System.Text;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tools;

/// <summary>Runs a tool to its end, and ends it where it does not.</summary>
internal static class ToolRun
{
    /// <returns>Its standard output.</returns>
    /// <exception cref="LoadTestException">It ended with another exit code than 0, or not within <paramref name="limit"/>.</exception>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        string name = Path.GetFileName(file);
        StringBuilder output = new();
        await using ChildProcess process = ChildProcess.Start(file, arguments, onLine: line => output.AppendLine(line));
        try
        {
            int exitCode = await process.Exited.WaitAsync(limit, cancellationToken);
            return exitCode == 0
                ? output.ToString()
                : throw new LoadTestException($"{name} ended with exit code {exitCode}: {process.LastOutput}");
        }
        catch (TimeoutException)
        {
            throw new LoadTestException($"{name} did not end within {limit.TotalSeconds:0} s and was killed: {process.LastOutput}");
        }
    }
}
