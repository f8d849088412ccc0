using System.Diagnostics;
using System.Text;
using OneShot.LoadTest.Processes;

namespace OneShot.LoadTest.Tests.Commands;

/// <summary>The program as its users start it.</summary>
internal sealed class LoadTestProgram : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly Task _reading;
    private readonly TaskCompletionSource _lineSeen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _awaited;

    private LoadTestProgram(string[] arguments, string? awaited, (string Name, string Value)[] environment)
    {
        _awaited = awaited;
        ProcessStartInfo start = new(DotNet, [Path.Combine(AppContext.BaseDirectory, "OneShot.LoadTest.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    public int Id => _process.Id;

    // By its full path, so that a test may empty the PATH.
    private static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Environment.ProcessPath switch
    {
        { } path when Path.GetFileNameWithoutExtension(path) == "dotnet" => path,
        _ => Executables.Find("dotnet") ?? "dotnet",
    };

    public static LoadTestProgram Start(string awaitedLine, params string[] arguments) => new(arguments, awaitedLine, []);

    public static async Task<ProgramResult> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        using LoadTestProgram program = new(arguments, null, environment);
        return await program.EndAsync();
    }

    /// <summary>Waits for the line that was named at the start.</summary>
    public Task LineAsync() => Task.WhenAny(_lineSeen.Task, _reading).WaitAsync(s_limit, TestContext.Current.CancellationToken);

    public async Task<ProgramResult> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        await _reading;
        return new ProgramResult(_process.ExitCode, _output.ToString(), await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.AppendLine(line);
            if (_awaited is not null && line.Contains(_awaited, StringComparison.Ordinal))
            {
                _lineSeen.TrySetResult();
            }
        }
    }
}

internal sealed record ProgramResult(int ExitCode, string Output, string Error);
