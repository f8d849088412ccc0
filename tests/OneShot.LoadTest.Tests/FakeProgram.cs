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
        System.IO.File.WriteAllText(File, "#!/bin/sh\n" + script.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public string File { get; }

    public string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
