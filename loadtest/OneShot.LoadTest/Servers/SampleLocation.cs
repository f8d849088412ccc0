namespace OneShot.LoadTest.Servers;

/// <summary>Where the built sample is, and how it is started: a program by itself, a <c>.dll</c> by <c>dotnet</c>.</summary>
internal sealed record SampleLocation(string Path)
{
    private const string Name = "HeaderServer";

    /// <summary>The program to start.</summary>
    public string File => IsLibrary ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet" : Path;

    /// <summary>What comes before the sample's own arguments.</summary>
    public string[] LeadingArguments => IsLibrary ? [Path] : [];

    /// <summary>A Debug build is slower by an amount that says nothing about either server.</summary>
    public bool IsDebugBuild => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)) is "debug" or "Debug";

    private bool IsLibrary => Path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    /// <param name="path">What the user gave; null looks beside this program, where the build of the same configuration puts it.</param>
    /// <exception cref="LoadTestException">It is not there.</exception>
    public static SampleLocation Find(string? path)
    {
        if (path is not null)
        {
            return System.IO.File.Exists(path)
                ? new SampleLocation(System.IO.Path.GetFullPath(path))
                : throw new LoadTestException($"There is no server at '{path}' (--server): give the path of HeaderServer or HeaderServer.dll.");
        }

        DirectoryInfo here = new(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar));
        string beside = System.IO.Path.GetFullPath(System.IO.Path.Combine(here.FullName, "..", "..", Name, here.Name, Name + ".dll"));
        return System.IO.File.Exists(beside)
            ? new SampleLocation(beside)
            : throw new LoadTestException($"The sample is not built: there is no '{beside}'. Build it with 'dotnet build samples/HeaderServer -c Release', or give --server PATH.");
    }
}
