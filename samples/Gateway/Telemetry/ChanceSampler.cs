using OpenTelemetry.Trace;

namespace Gateway.Telemetry;

/// <summary>
/// Records a share of the traces, by a number of its own. The trace id would not do here: a client chooses it, and so could have every request of its recorded,
/// or none. Thread-safe.
/// </summary>
/// <param name="ratio">0 to 1.</param>
internal sealed class ChanceSampler(double ratio) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(Random.Shared.NextDouble() < ratio ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
}
