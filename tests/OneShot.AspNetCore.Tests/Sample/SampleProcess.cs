using System.Diagnostics;
using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>The sample as its users start it: a process of its own with command-line arguments and environment.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private const string Listening = "Listening on ";
    private const string LastWord = "Try: ";

    private readonly Process _process;
    private Task _rest = Task.CompletedTask;

    private SampleProcess(Process process) => _process = process;

    /// <summary>The folder the sample was built into: beside that of the tests, of the same configuration.</summary>
    public static string Folder { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "HeaderServer", new DirectoryInfo(AppContext.BaseDirectory).Name));

    public List<Uri> Addresses { get; } = [];

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts the sample and waits until it has told where it listens.</summary>
    public static Task<SampleProcess> StartAsync(string[] arguments, params (string Name, string Value)[] environment) => StartAsync(container: null, arguments, environment);

    /// <summary>The same in a container; null for none of its own.</summary>
    public static async Task<SampleProcess> StartAsync(MemoryCgroup? container, string[] arguments, params (string Name, string Value)[] environment)
    {
        SampleProcess sample = new(Start(arguments, environment, container));
        try
        {
            while (await sample._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (line.StartsWith(Listening, StringComparison.Ordinal))
                {
                    sample.Addresses.Add(new Uri(line[Listening.Length..]));
                }
                else if (line.StartsWith(LastWord, StringComparison.Ordinal))
                {
                    // Not at the first other line: the console log writes from a thread of its own, in between. The rest is read and dropped, or a full pipe would stop the sample's log and the sample with it.
                    sample._rest = sample._process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                    return sample;
                }
            }

            throw new InvalidOperationException($"The sample ended: {await sample._process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the sample to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    /// <inheritdoc cref="RunAsync(string[])"/>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, (string Name, string Value)[] environment)
    {
        await using SampleProcess sample = new(Start(arguments, environment));
        Task<string> output = sample._process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = sample._process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await sample._process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (sample._process.ExitCode, await output, await error);
    }

    /// <summary>Waits until the sample has ended by itself.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _rest;
        _process.Dispose();
    }

    private static Process Start(string[] arguments, (string Name, string Value)[] environment, MemoryCgroup? container = null)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        arguments = [Path.Combine(Folder, "HeaderServer.dll"), .. arguments];
        (string file, arguments) = container is null ? (dotnet, arguments) : container.Enter([dotnet, .. arguments]);
        // From another folder on purpose: the sample must find its settings wherever it is started.
        ProcessStartInfo start = new(file, arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
