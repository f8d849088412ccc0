using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>What a drill keeps to of the operator's own manifests: the Deployment of <c>deploy/kubernetes/base</c> with the patch of <c>overlays/never</c>.</summary>
/// <param name="PreStop">How long the kubelet sleeps before SIGTERM.</param>
/// <param name="Grace">From the decision to stop, preStop included, to SIGKILL.</param>
/// <param name="Environment">Of the container: that of the base, under that of the overlay.</param>
internal sealed record PodManifest(
    ProbeRule Startup, ProbeRule Readiness, ProbeRule Liveness, TimeSpan PreStop, TimeSpan Grace, IReadOnlyDictionary<string, string> Environment)
{
    private const string SelfDrainKey = "OneShot__Restart__SelfDrain";
    private const string DrainDelayKey = "OneShot__Restart__DrainDelay";

    private static readonly Lazy<PodManifest> s_operators = new(static () => Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kubernetes", "base.yaml")),
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kubernetes", "never.yaml"))));

    /// <summary>As it lies beside this program.</summary>
    public static PodManifest Operators => s_operators.Value;

    public bool SelfDrain => Environment.TryGetValue(SelfDrainKey, out string? text) && bool.Parse(text);

    public TimeSpan DrainDelay => TimeSpan.Parse(Environment[DrainDelayKey], CultureInfo.InvariantCulture);

    /// <param name="deployment">The base.</param>
    /// <param name="patch">Of the overlay; what it says of the container's environment counts.</param>
    /// <exception cref="LoadTestException">Something that a drill needs is not there.</exception>
    public static PodManifest Parse(string deployment, string patch)
    {
        YamlNode pod = Pod(deployment);
        YamlNode container = Container(pod);
        Dictionary<string, string> environment = [];
        foreach (YamlNode variable in ((YamlSequenceNode)At(container, "env")).Concat((YamlSequenceNode)At(Container(Pod(patch)), "env")))
        {
            environment[Text(variable, "name")] = Text(variable, "value");
        }

        return new PodManifest(
            Probe(container, "startupProbe"),
            Probe(container, "readinessProbe"),
            Probe(container, "livenessProbe"),
            Seconds(container, "lifecycle", "preStop", "sleep", "seconds"),
            Seconds(pod, "terminationGracePeriodSeconds"),
            environment);
    }

    private static YamlNode Pod(string text)
    {
        YamlStream stream = [];
        stream.Load(new StringReader(text));
        return At(stream.Documents[0].RootNode, "spec", "template", "spec");
    }

    private static YamlNode Container(YamlNode pod) => ((YamlSequenceNode)At(pod, "containers")).Children.Single();

    private static ProbeRule Probe(YamlNode container, string name) => new(
        Text(container, name, "httpGet", "path"),
        Seconds(container, name, "periodSeconds"),
        Seconds(container, name, "timeoutSeconds"),
        Number(container, name, "failureThreshold"));

    private static TimeSpan Seconds(YamlNode node, params ReadOnlySpan<string> path) => TimeSpan.FromSeconds(Number(node, path));

    private static int Number(YamlNode node, params ReadOnlySpan<string> path) => int.Parse(Text(node, path), CultureInfo.InvariantCulture);

    private static string Text(YamlNode node, params ReadOnlySpan<string> path) => ((YamlScalarNode)At(node, path)).Value!;

    private static YamlNode At(YamlNode node, params ReadOnlySpan<string> path)
    {
        foreach (string key in path)
        {
            node = node is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out YamlNode? value)
                ? value
                : throw new LoadTestException($"The manifest has no '{string.Join('.', path.ToArray())}'.");
        }

        return node;
    }
}
