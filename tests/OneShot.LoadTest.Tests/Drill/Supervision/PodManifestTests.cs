using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.LoadTest.Tests.Drill.Supervision;

public class PodManifestTests
{
    private const string Base = """
        spec:
          template:
            spec:
              terminationGracePeriodSeconds: 45
              containers:
                - name: a
                  env:
                    - name: OneShot__Restart__DrainDelay
                      value: "00:00:10"
                    - name: Kept
                      value: "1"
                  startupProbe: {httpGet: {path: /livez}, periodSeconds: 1, failureThreshold: 30, timeoutSeconds: 1}
                  readinessProbe: {httpGet: {path: /readyz}, periodSeconds: 2, failureThreshold: 2, timeoutSeconds: 1}
                  livenessProbe: {httpGet: {path: /livez}, periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 2}
                  lifecycle: {preStop: {sleep: {seconds: 5}}}
        """;

    private const string Overlay = """
        spec:
          template:
            spec:
              containers:
                - name: a
                  env:
                    - name: OneShot__Restart__SelfDrain
                      value: "true"
                    - name: OneShot__Restart__DrainDelay
                      value: "00:00:07"
        """;

    [Fact]
    public void Probes_and_times_are_those_of_the_base_and_the_overlays_environment_counts()
    {
        PodManifest manifest = PodManifest.Parse(Base, Overlay);

        Assert.Equal(new ProbeRule("/readyz", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), 2), manifest.Readiness);
        Assert.Equal(new ProbeRule("/livez", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), 3), manifest.Liveness);
        Assert.Equal((5, 45, 7), (manifest.PreStop.TotalSeconds, manifest.Grace.TotalSeconds, manifest.DrainDelay.TotalSeconds));
        Assert.True(manifest.SelfDrain);
        Assert.Equal("1", manifest.Environment["Kept"]);
    }

    [Fact]
    public void The_operators_own_files_are_read()
    {
        SupervisionRules rules = SupervisionRules.Kubernetes(PodManifest.Operators, new(1));

        Assert.True(PodManifest.Operators.SelfDrain);
        Assert.Equal("/livez", rules.Liveness!.Path);
        Assert.True(rules.PreStop > TimeSpan.Zero && rules.Grace > rules.PreStop + TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void What_is_missing_is_named() => Assert.Equal(
        "The manifest has no 'lifecycle.preStop.sleep.seconds'.",
        Assert.Throws<LoadTestException>(() => PodManifest.Parse(Base.Replace("lifecycle", "life", StringComparison.Ordinal), Overlay)).Message);
}
