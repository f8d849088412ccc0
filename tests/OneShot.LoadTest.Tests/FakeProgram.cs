using System.Diagnostics;

namespace OneShot.LoadTest.Tests;

/// <summary>A shell script in place of a tool or a server, for what the real ones do not do on demand.</summary>
internal sealed class FakeProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oneshot-fake-");

    /// <param name="script">Its lines, for <c>sh</c>.</param>
    /// <param name="name">Its file name.</param>
    public FakeProgram(string script, string name = "program")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Needs a POSIX shell.");
        File = Path.Combine(_folder.FullName, name);
        string content = "#!/bin/sh\n" + script.ReplaceLineEndings("\n") + "\n";

        // Not written by this process: a child that another test starts at that moment would inherit the open file until it has
        // become its program, and for as long the kernel runs no file that somebody can write to (ETXTBSY).
        using Process writer = Process.Start("/bin/sh", ["-c", "printf %s \"$1\" > \"$2\" && chmod 700 \"$2\"", "sh", content, File]);
        writer.WaitForExit();
        Assert.Equal(0, writer.ExitCode);
    }

    public string File { get; }

    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
