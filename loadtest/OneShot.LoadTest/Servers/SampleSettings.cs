using System.Globalization;

namespace OneShot.LoadTest.Servers;

/// <summary>What the sample is started with; written as its command-line arguments.</summary>
internal sealed record SampleSettings(Front Front, string Capacity, string Reclamation, int Port = 0)
{
    /// <summary>Further settings, <c>--Key=Value</c> each.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    public string[] ToArguments() =>
    [
        "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}"),
        $"--OneShot:Front={Front}",
        $"--OneShot:Capacity={Capacity}",
        $"--OneShot:Reclamation={Reclamation}",
        .. More,
    ];
}
