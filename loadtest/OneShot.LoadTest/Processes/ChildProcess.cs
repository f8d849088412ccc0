using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OneShot.LoadTest.Processes;

/// <summary>
/// A process this program has started and will end: disposing it kills it, whatever became of it. Its output is read all the time,
/// so that it never blocks on a full pipe.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly OutputTail _tail;

    private ChildProcess(Process process, Action<string>? onLine, int keptLines)
    {
        _process = process;
        _tail = new OutputTail(keptLines);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, onLine), ReadAsync(process.StandardError, null));
        Exited = WaitAsync();
    }

    /// <summary>Completes with the exit code once the process has ended and its output is read. 128 + n after signal n.</summary>
    public Task<int> Exited { get; }

    public int Id => _process.Id;

    /// <summary>The last lines of standard output and standard error, as they came.</summary>
    public string LastOutput => _tail.ToString();

    /// <param name="file">A path, or a name that is on the PATH.</param>
    /// <param name="arguments">One string each, unquoted.</param>
    /// <param name="environment">On top of this process's own.</param>
    /// <param name="onLine">Called with every line of standard output, on a thread of its own.</param>
    /// <param name="keptLines">How many lines <see cref="LastOutput"/> keeps.</param>
    /// <exception cref="LoadTestException">The program cannot be started.</exception>
    public static ChildProcess Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null, int keptLines = 20)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            Process process = Process.Start(start)!;
            // Nobody types: a program that would ask gets the end of the input.
            process.StandardInput.Close();
            return new ChildProcess(process, onLine, keptLines);
        }
        catch (Win32Exception exception)
        {
            throw new LoadTestException($"'{file}' cannot be started: {exception.Message}.");
        }
    }

    /// <summary>SIGTERM; the process decides when it ends.</summary>
    public void Terminate() => Signals.Terminate(_process);

    /// <summary>SIGKILL, to it and to what it has started.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Has ended by itself.
        }
    }

    /// <summary>SIGTERM, and SIGKILL when the process is still there after <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        Terminate();
        if (await Task.WhenAny(Exited, Task.Delay(grace)) != Exited)
        {
            Kill();
        }

        await Exited;
    }

    /// <summary>Does <paramref name="work"/>, which ends with an exception as soon as the process does.</summary>
    /// <param name="name">What the message calls the server that runs in it.</param>
    /// <param name="work">Is cancelled when the process ends.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="LoadTestException">The process died meanwhile.</exception>
    public async Task<T> WhileAliveAsync<T>(string name, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> working = work(either.Token);
        if (await Task.WhenAny(working, Exited) == working)
        {
            return await working;
        }

        await either.CancelAsync();
        await ((Task)working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new LoadTestException(DeathOf(name));
    }

    /// <summary>The sentence about a server whose process has ended unasked.</summary>
    public string DeathOf(string name) => $"The server ({name}) died with exit code {Exited.Result} in the middle of the test: {LastOutput}";

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited;
        _process.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        await _reading;
        return _process.ExitCode;
    }

    private async Task ReadAsync(StreamReader reader, Action<string>? onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _tail.Add(line);
            onLine?.Invoke(line);
        }
    }
}

/// <summary>The last lines of an output, for the sentence that says why a process ended. Thread-safe.</summary>
internal sealed class OutputTail(int lines)
{
    private readonly Queue<string> _last = new();

    public void Add(string line)
    {
        lock (_last)
        {
            if (_last.Count == lines)
            {
                _last.Dequeue();
            }

            _last.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (_last)
        {
            return string.Join(Environment.NewLine, _last);
        }
    }
}

/// <summary>What an orchestrator sends. <see cref="Process"/> itself knows SIGKILL only.</summary>
internal static partial class Signals
{
    private const int SigTerm = 15;

    /// <summary>Asks the process to stop. On Windows, which has no such signal, ends it.</summary>
    public static void Terminate(Process process)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                process.Kill(entireProcessTree: true);
            }
            else if (!process.HasExited)
            {
                // It may have ended since: then there is nobody to tell, and the result does not matter. The id cannot be
                // another process's yet, because the runtime reaps this one only when it tells that it has exited.
                _ = Kill(process.Id, SigTerm);
            }
        }
        catch (InvalidOperationException)
        {
            // Ended between the question and the deed.
        }
    }

    /// <summary>
    /// Asks a process to stop that one of ours has started, and whose parent may be gone. Its number may be another's by now: it is told only if it has the
    /// variable that ours was started with, which whatever descends from it has as well (proc_pid_environ(5)).
    /// </summary>
    /// <param name="id">Of the process.</param>
    /// <param name="variable"><c>NAME=VALUE</c>, of this run alone.</param>
    public static void TerminateDescendant(int id, string variable)
    {
        try
        {
            if (File.ReadAllText($"/proc/{id}/environ").Split('\0').Contains(variable))
            {
                _ = Kill(id, SigTerm);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is somebody else's.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
