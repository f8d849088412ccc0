using System.Diagnostics;

namespace OneShot.EndToEnd.Tests.Tools;

/// <summary>A program of the system. A test whose program is missing is skipped and says so: it is never taken for passed.</summary>
internal static class Tool
{
    // Servers live in sbin, which is not on everybody's path.
    private static readonly string[] s_folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/usr/local/sbin"];

    internal static bool IsInstalled(string name) => Find(name) is not null;

    /// <summary>The path of a program; skips the test where there is none.</summary>
    internal static string Require(string name)
    {
        string? path = Find(name);
        Assert.SkipWhen(path is null, $"{name} is not installed; .ci/run installs what apt-get has of these.");
        return path!;
    }

    /// <summary>Runs a program, without a shell, to its end or until it is told to stop.</summary>
    internal static Task<ToolResult> RunAsync(string name, IEnumerable<string> arguments, byte[]? input = null, CancellationToken stop = default) =>
        RunAsync(StartInfo(name, arguments, input is not null), Eventually.Patience, input, stop);

    /// <inheritdoc cref="RunAsync(string, IEnumerable{string}, byte[], CancellationToken)"/>
    internal static async Task<ToolResult> RunAsync(ProcessStartInfo start, TimeSpan patience, byte[]? input = null, CancellationToken stop = default)
    {
        using var process = new Process { StartInfo = start };
        process.Start();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(patience);
        try
        {
            using var output = new MemoryStream();
            Task copying = process.StandardOutput.BaseStream.CopyToAsync(output, timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            if (input is not null)
            {
                await process.StandardInput.BaseStream.WriteAsync(input, timeout.Token);
                process.StandardInput.Close();
            }

            await Task.WhenAll(copying, error);
            await process.WaitForExitAsync(timeout.Token);
            return new ToolResult(process.ExitCode, output.ToArray(), await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    internal static ProcessStartInfo StartInfo(string name, IEnumerable<string> arguments, bool input) => new(Require(name), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        RedirectStandardInput = input,
        WorkingDirectory = Path.GetTempPath(),
    };

    private static string? Find(string name) => s_folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
