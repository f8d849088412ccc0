using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OneShot.Benchmarks.Transport;

/// <summary>Tools that put a server under load for some seconds with one thread, and what they report.</summary>
internal static partial class LoadTools
{
    internal static async Task<LoadSample> WrkAsync(TransportProcess server, TransportEndpoint endpoint, string path, int seconds, params string[] arguments)
    {
        (string report, TimeSpan cost) = await RunAsync("wrk", server, ["-t1", $"-d{seconds}s", "--latency", .. arguments, server.AddressOf(endpoint) + path]);
        if (report.Contains("Non-2xx", StringComparison.Ordinal) || report.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{server.Kind} {path}: {report}");
        }

        double milliseconds = Number(report, WrkLatency()) * WrkLatency().Match(report).Groups[2].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };
        return new LoadSample(
            Number(report, WrkRate()),
            cost.TotalMicroseconds / Number(report, WrkRequests()),
            milliseconds > 0 ? milliseconds : double.NaN); // it tells nothing of pipelined requests
    }

    /// <summary>HTTP/2. The tool tells the least, the mean and the greatest latency, and no percentile.</summary>
    internal static async Task<LoadSample> H2LoadAsync(TransportProcess server, string path, int seconds, params string[] arguments)
    {
        (string report, TimeSpan cost) = await RunAsync("h2load", server, ["-t1", $"-D{seconds}", .. arguments, server.AddressOf(TransportEndpoint.Http2) + path]);
        if (!report.Contains(" 0 failed, 0 errored, 0 timeout", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{server.Kind} {path}: {report}");
        }

        return new LoadSample(Number(report, H2LoadRate()), cost.TotalMicroseconds / Number(report, H2LoadRequests()), double.NaN);
    }

    private static async Task<(string Report, TimeSpan Cost)> RunAsync(string tool, TransportProcess server, string[] arguments)
    {
        TimeSpan before = server.ProcessorTime;
        var start = new ProcessStartInfo(tool) { RedirectStandardOutput = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string report = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (report, server.ProcessorTime - before);
    }

    private static double Number(string report, Regex pattern) =>
        pattern.Match(report) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"Not found, {pattern}: {report}");

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex WrkRequests();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex WrkRate();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex WrkLatency();

    [GeneratedRegex(@"(\d+) succeeded")]
    private static partial Regex H2LoadRequests();

    [GeneratedRegex(@"([\d.]+) req/s")]
    private static partial Regex H2LoadRate();
}
