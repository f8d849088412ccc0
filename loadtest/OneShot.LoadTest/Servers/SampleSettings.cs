using System.Globalization;

namespace OneShot.LoadTest.Servers;

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
