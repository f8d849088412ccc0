using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;

namespace OneShot.AspNetCore.Succession;

/// <summary>The same program with the same arguments and environment, which finds this process's listening sockets open: execve(2) keeps them so.</summary>
/// <remarks>The program is read anew from its file: what was installed there meanwhile is what succeeds.</remarks>
internal sealed class SuccessorProcess : ISuccessor
{
    private const string CommandLine = "/proc/self/cmdline";

    private readonly Process _process;
    private readonly AnonymousPipeServerStream _pipe;

    private SuccessorProcess(Process process, AnonymousPipeServerStream pipe)
    {
        _process = process;
        _pipe = pipe;
        Ready = ReadyAsync();
    }

    public int ProcessId => _process.Id;

    public Task<string?> Ready { get; }

    /// <param name="sockets">Numbers of listening sockets, and their end points.</param>
    /// <exception cref="Win32Exception">The program cannot be executed.</exception>
    /// <exception cref="IOException">The command line cannot be read, or there is no pipe to be had.</exception>
    public static SuccessorProcess Start(IReadOnlyList<(int Descriptor, string EndPoint)> sockets)
    {
        AnonymousPipeServerStream pipe = new(PipeDirection.In, HandleInheritability.Inheritable);
        try
        {
            ProcessStartInfo start = new(Environment.ProcessPath ?? throw new IOException("The path of this program is not known."), Arguments(File.ReadAllText(CommandLine)));
            start.Environment[Inheritance.Variable] = Inheritance.Format(pipe.GetClientHandleAsString(), sockets);
            Process process = Process.Start(start)!;
            pipe.DisposeLocalCopyOfClientHandle(); // or its end would not be seen
            return new SuccessorProcess(process, pipe);
        }
        catch
        {
            pipe.Dispose();
            throw;
        }
    }

    /// <summary>Those of proc_pid_cmdline(5), each ended by a zero byte; the first is the program.</summary>
    internal static string[] Arguments(string commandLine) => [.. commandLine.Split('\0')[..^1].Skip(1)];

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
    }

    public void Dispose()
    {
        _pipe.Dispose();
        _process.Dispose();
    }

    private async Task<string?> ReadyAsync()
    {
        // On a thread of its own: a pipe without a name is read by a call that waits.
        Task<bool> word = Task.Factory.StartNew(HasSaid, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task end = _process.WaitForExitAsync();
        await Task.WhenAny(word, end).ConfigureAwait(false);

        // Both at once is an end: whoever is ready stays.
        if (end.IsCompleted)
        {
            return FormattableString.Invariant($"it has ended with exit code {_process.ExitCode}");
        }

        return await word.ConfigureAwait(false) ? null : "it has closed its pipe without a word";
    }

    private bool HasSaid()
    {
        try
        {
            return _pipe.ReadByte() >= 0;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return false;
        }
    }
}
