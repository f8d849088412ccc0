using System.Diagnostics;

namespace OneShot.Benchmarks.Transport;

/// <summary>This program again, as the server under load. Disposing it ends it.</summary>
internal sealed class TransportProcess : IAsyncDisposable
{
    private readonly Process _process;

    private readonly string[] _addresses;

    private TransportProcess(TransportKind kind, Process process, string[] addresses)
    {
        Kind = kind;
        _process = process;
        _addresses = addresses;
    }

    internal TransportKind Kind { get; }

    /// <summary>What all its threads have cost so far.</summary>
    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    internal long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    internal string AddressOf(TransportEndpoint endpoint) => _addresses[(int)endpoint];

    internal static async Task<TransportProcess> StartAsync(TransportKind kind, string upstream)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, ArgumentList = { "transport-server", kind.ToString(), upstream } };
        Process process = Process.Start(start)!;
        string? line = await process.StandardOutput.ReadLineAsync();
        return line?.StartsWith(TransportServer.Listening, StringComparison.Ordinal) == true
            ? new TransportProcess(kind, process, line[TransportServer.Listening.Length..].Split(' '))
            : throw new InvalidOperationException($"The server on {kind} did not start: {line}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
