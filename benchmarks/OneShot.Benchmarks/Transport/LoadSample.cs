namespace OneShot.Benchmarks.Transport;

/// <summary>What a turn under load has shown.</summary>
/// <param name="RequestsPerSecond">Answered.</param>
/// <param name="CpuMicroseconds">Of the server's process, a request.</param>
/// <param name="P99Milliseconds">Of the latency; NaN where the tool does not tell.</param>
internal sealed record LoadSample(double RequestsPerSecond, double CpuMicroseconds, double P99Milliseconds);
