using System.Globalization;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Servers;

/// <summary>The sample as a process of its own, listening. Disposing it ends it.</summary>
internal sealed class SampleServer : IServer
{
    private const string Listening = "Listening on ";

    private readonly HostedProgram _program;
    private readonly FiguresClient _figures;

    private SampleServer(HostedProgram program, Uri address, SampleSettings settings)
    {
        _program = program;
        Address = address;
        Name = settings.Name;
        _figures = new FiguresClient(address, settings.Certificate);
    }

    public string Name { get; }

    public Uri Address { get; }

    public int ProcessId => _program.ProcessId;

    /// <summary>Starts it and waits until it has said where it listens.</summary>
    /// <param name="location">Where the sample is.</param>
    /// <param name="settings">What it is started with.</param>
    /// <param name="cancellationToken">Ends the wait, and the server.</param>
    /// <param name="onLine">Called with every line of its output, on a thread of its own.</param>
    /// <exception cref="LoadTestException">It ended instead, or said nothing for a minute.</exception>
    public static async Task<SampleServer> StartAsync(
        SampleLocation location, SampleSettings settings, CancellationToken cancellationToken, Action<string>? onLine = null)
    {
        Uri? address = null;
        HostedProgram program = await HostedProgram.StartAsync(settings.Name, location, settings.ToArguments(), cancellationToken, settings.Environment, line =>
        {
            onLine?.Invoke(line);
            if (!line.StartsWith(Listening, StringComparison.Ordinal))
            {
                return false;
            }

            address ??= new Uri(line[Listening.Length..]);
            return true;
        });
        return new SampleServer(program, address!, settings);
    }

    /// <exception cref="LoadTestException">It does not answer, or is no HeaderServer.</exception>
    public async Task<ServerStats> ReadStatsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _figures.ReadStatsAsync(cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new LoadTestException(_program.Death ?? $"The server ({Name}) does not answer at {Address}stats: {exception.Message}");
        }
    }

    /// <summary>Every pause of its GC since its start; it must have been started with <c>OneShot:GcPauses</c>.</summary>
    /// <exception cref="LoadTestException">It does not tell.</exception>
    public async Task<IReadOnlyList<GcPause>> ReadGcPausesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _figures.ReadGcPausesAsync(cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new LoadTestException($"The server ({Name}) does not tell its GC's pauses at {Address}gc-pauses: {exception.Message}");
        }
    }

    public Task<T> WhileAliveAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => _program.WhileAliveAsync(work, cancellationToken);

    public Task<(LoadOutcome Load, ServerCost Cost)> MeasureAsync(Func<CancellationToken, Task<LoadOutcome>> load, CancellationToken cancellationToken) =>
        ServerCost.MeasureAsync(ReadStatsAsync, cancel => WhileAliveAsync(load, cancel), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _figures.Dispose();
        await _program.DisposeAsync();
    }
}

/// <summary>Where a built sample is, and how it is started: a program by itself, a <c>.dll</c> by <c>dotnet</c>.</summary>
internal sealed record SampleLocation(string Path)
{
    private const string Usual = "HeaderServer";

    /// <summary>The program to start.</summary>
    public string File => IsLibrary ? Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet" : Path;

    /// <summary>What comes before the sample's own arguments.</summary>
    public string[] LeadingArguments => IsLibrary ? [Path] : [];

    /// <summary>A Debug build is slower by an amount that says nothing about either server.</summary>
    public bool IsDebugBuild => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)) is "debug" or "Debug";

    private bool IsLibrary => Path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    /// <param name="path">What the user gave; null looks beside this program, where the build of the same configuration puts it.</param>
    /// <param name="name">Of the sample.</param>
    /// <exception cref="LoadTestException">It is not there.</exception>
    public static SampleLocation Find(string? path, string name = Usual)
    {
        if (path is not null)
        {
            return System.IO.File.Exists(path)
                ? new SampleLocation(System.IO.Path.GetFullPath(path))
                : throw new LoadTestException($"There is no server at '{path}' (--server): give the path of {name} or {name}.dll.");
        }

        DirectoryInfo here = new(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar));
        string beside = System.IO.Path.GetFullPath(System.IO.Path.Combine(here.FullName, "..", "..", name, here.Name, name + ".dll"));
        return System.IO.File.Exists(beside)
            ? new SampleLocation(beside)
            : throw new LoadTestException($"The sample is not built: there is no '{beside}'. Build it with 'dotnet build samples/{name} -c Release', or give --server PATH.");
    }
}

/// <summary>What the sample is started with; written as its command-line arguments.</summary>
internal sealed record SampleSettings(Front Front, string Capacity, string Reclamation, int Port = 0)
{
    /// <summary>Null leaves it to the sample.</summary>
    public Transport? Transport { get; init; }

    /// <summary>For TLS; null without.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>What messages call it.</summary>
    public string Name => Transport is { } transport ? new SampleSide(Front, transport).Name : Front.ToString();

    /// <summary>Further settings, <c>--Key=Value</c> each.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>On top of this process's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string[] ToArguments() =>
    [
        "--urls", string.Create(CultureInfo.InvariantCulture, $"{(Certificate is null ? "http" : "https")}://127.0.0.1:{Port}"),
        $"--OneShot:Front={Front}",
        $"--OneShot:Capacity={Capacity}",
        $"--OneShot:Reclamation={Reclamation}",
        .. Transport is { } transport ? [$"--OneShot:Transport={transport}"] : Array.Empty<string>(),
        .. Certificate is { } certificate
            ? [$"--Kestrel:Certificates:Default:Path={certificate.CertificateFile}", $"--Kestrel:Certificates:Default:KeyPath={certificate.KeyFile}"]
            : Array.Empty<string>(),
        .. More,
    ];
}
