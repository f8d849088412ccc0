using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OneShot.EndToEnd.Tests.Tools;

/// <summary>A server of another make in a process of its own, for as long as a test needs it.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
    }

    /// <summary>Everything the process has said.</summary>
    internal string Output => string.Join('\n', _output);

    internal bool HasExited => _process.HasExited;

    /// <summary>Of the process that has ended.</summary>
    internal int ExitCode => _process.ExitCode;

    /// <summary>Starts a program and waits until it accepts connections on <paramref name="port"/>.</summary>
    internal static async Task<ChildProcess> ListeningAsync(
        string name, IEnumerable<string> arguments, int port, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = Tool.StartInfo(name, arguments, input: false);
        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        try
        {
            await Eventually.TrueAsync(() => child._process.HasExited || Accepts(port), () => $"{name} does not listen: {child.Output}");
            Assert.False(child._process.HasExited, $"{name} has ended: {child.Output}");
            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static bool Accepts(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            _output.Enqueue(line.Data);
        }
    }
}
