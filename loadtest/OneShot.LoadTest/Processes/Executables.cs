namespace OneShot.LoadTest.Processes;

/// <summary>Finds programs the way a shell does.</summary>
internal static class Executables
{
    /// <summary>The first file of that name in the folders of <c>PATH</c>, or in <c>/usr/sbin</c>, which is where Debian puts servers.</summary>
    public static string? Find(string name)
    {
        string file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), "/usr/sbin"];
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(IsExecutable);
    }

    /// <exception cref="LoadTestException">There is no such file, or it may not be run.</exception>
    public static string Require(string path)
    {
        if (!File.Exists(path))
        {
            throw new LoadTestException($"There is no file '{path}'.");
        }

        return IsExecutable(path) ? path : throw new LoadTestException($"'{path}' may not be executed: check its mode.");
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
