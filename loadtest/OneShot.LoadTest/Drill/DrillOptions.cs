using System.Text.Json.Serialization;
using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.LoadTest.Drill;

/// <summary>What <c>drill</c> was asked to do.</summary>
/// <param name="Restarts">The drill is over after that many.</param>
/// <param name="Limit">Or after that long, and has failed then.</param>
/// <param name="InStep">All replicas begin with an empty arena, so that only jitter keeps their restarts apart.</param>
internal sealed record DrillOptions(
    DrillMode Mode, int Replicas, int Restarts, TimeSpan Limit, string Capacity, double RequestsPerSecond, int Clients, double TimeScale, bool InStep)
{
    [JsonIgnore]
    public TimeScale Scale => new(TimeScale);

    /// <summary>10 s as everywhere, scaled; but three seconds at least, because the balancer's checks take real time, and a busy machine its own.</summary>
    public TimeSpan DrainDelay => Scale.Of(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3));

    /// <summary>The balancer's, 1 s scaled; twice that must be well under <see cref="DrainDelay"/>.</summary>
    public TimeSpan CheckInterval => Scale.Of(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100));

    [JsonIgnore]
    public SupervisionRules Rules => Mode == DrillMode.Kubernetes ? SupervisionRules.Kubernetes(Scale) : SupervisionRules.Compose;
}
