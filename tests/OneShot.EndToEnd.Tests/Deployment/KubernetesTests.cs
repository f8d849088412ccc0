using System.Net;
using OneShot.AspNetCore.Hosting;
using OneShot.EndToEnd.Tests.Sample;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The manifests hold together: with each other, and with the application's own options.</summary>
public sealed class KubernetesTests
{
    private const int DrainNoticeMargin = 2; // seconds that proxies may take to hear of a pod that is not ready
    private const int HostShutdownTimeout = 30; // HostOptions.ShutdownTimeout, unless set

    [Theory]
    [InlineData("base", ArenaReclamation.Never)]
    [InlineData("overlays/never", ArenaReclamation.Never)]
    [InlineData("overlays/per-request", ArenaReclamation.PerRequest)]
    public async Task Every_overlay_builds_and_fits_into_its_memory(string folder, ArenaReclamation reclamation)
    {
        KubernetesManifest manifest = await KubernetesManifest.BuildAsync(folder);

        Assert.Equal(["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Service"], manifest.Kinds.Order());
        Assert.Equal(reclamation, manifest.Settings.Options.Reclamation);
        AssertFits(manifest);
        AssertProbes(manifest);
        int least = manifest.Object("HorizontalPodAutoscaler")["spec"]["minReplicas"].Number;
        Yaml budget = manifest.Object("PodDisruptionBudget")["spec"];
        Assert.True(budget["maxUnavailable"].Number < least);
        Assert.Equal("AlwaysAllow", budget["unhealthyPodEvictionPolicy"].Text);
    }

    [Fact]
    public async Task One_at_a_time_a_pod_may_take_the_lease_that_it_asks_for_and_nothing_else()
    {
        KubernetesManifest manifest = await KubernetesManifest.BuildAsync("overlays/never-one-at-a-time");
        Yaml pod = manifest.Object("Deployment")["spec"]["template"]["spec"];
        string lease = pod["containers"].Items.Single()["env"].Items.Single(variable => variable["name"].Text == "OneShot__RestartLease")["value"].Text;
        Assert.Equal(manifest.Object("ServiceAccount")["metadata"]["name"].Text, pod["serviceAccountName"].Text);
        Assert.Equal(pod["serviceAccountName"].Text, manifest.Object("RoleBinding")["subjects"].Items.Single()["name"].Text);
        Assert.Equal(manifest.Object("Role")["metadata"]["name"].Text, manifest.Object("RoleBinding")["roleRef"]["name"].Text);
        Yaml[] rules = [.. manifest.Object("Role")["rules"].Items];
        Assert.All(rules, rule => Assert.Equal(("coordination.k8s.io", "leases"), (rule["apiGroups"].Items.Single().Text, rule["resources"].Items.Single().Text)));
        Assert.Equal(["get", "update"], rules.Single(rule => rule.Has("resourceNames") && rule["resourceNames"].Items.Any(name => name.Text == lease))["verbs"].Items.Select(verb => verb.Text));
        AssertFits(manifest);
    }

    [Theory]
    [InlineData("overlays/never", true)]
    [InlineData("overlays/per-request", false)]
    public async Task A_pod_ends_itself_where_restarts_are_everyday_life(string folder, bool endsItself)
    {
        KubernetesManifest manifest = await KubernetesManifest.BuildAsync(folder);

        Assert.Equal(endsItself, manifest.Settings.Options.Restart.SelfDrain);
        AssertWatched(manifest);
        Assert.Equal(0, manifest.Settings.Options.Restart.ExitCode);
    }

    [Fact]
    public async Task Under_Never_the_autoscaler_keeps_a_pod_alive_for_an_hour()
    {
        const double Life = 3600;
        const double Drains = 0.8; // DrainAt less half of Jitter
        KubernetesManifest manifest = await KubernetesManifest.BuildAsync("overlays/never");
        Yaml[] metrics = [.. manifest.Object("HorizontalPodAutoscaler")["spec"]["metrics"].Items];
        Yaml fill = metrics.Single(metric => metric["type"].Text == "Pods")["pods"];
        Yaml rule = Yaml.Documents(RepositoryFile.Read("deploy/kubernetes/prometheus-adapter.yaml")).Single()["rules"].Items.Single();

        Assert.Equal(rule["name"]["as"].Text, fill["metric"]["name"].Text);
        Assert.Equal(Drains * manifest.Settings.Options.Capacity / Life, fill["target"]["averageValue"].Number, 0.5);
        Assert.Equal(["cpu"], metrics.Where(metric => metric["type"].Text == "Resource").Select(metric => metric["resource"]["name"].Text));
    }

    [Fact]
    public async Task Prometheus_takes_the_query_of_the_adapter()
    {
        Yaml rule = Yaml.Documents(RepositoryFile.Read("deploy/kubernetes/prometheus-adapter.yaml")).Single()["rules"].Items.Single();
        string query = rule["metricsQuery"].Text
            .Replace("<<.GroupBy>>", "pod", StringComparison.Ordinal)
            .Replace("<<.Series>>", rule["name"]["matches"].Text.Trim('^', '$'), StringComparison.Ordinal)
            .Replace("<<.LabelMatchers>>", "namespace=\"default\",pod=~\"a|b\"", StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        string rules = folder.Write("rules.yml", $"groups:\n  - name: adapter\n    rules:\n      - record: fill\n        expr: '{query}'\n");

        (await Tool.RunAsync("promtool", ["check", "rules", rules])).Succeeded();
    }

    [Fact]
    public void Pods_are_spread_one_revision_at_a_time() => Assert.All(
        KubernetesManifest.ReadBase().Pod["topologySpreadConstraints"].Items,
        spread => Assert.Equal(["pod-template-hash"], spread["matchLabelKeys"].Items.Select(key => key.Text)));

    [Fact]
    public void The_memory_limit_holds_arena_heap_and_headroom() => AssertFits(KubernetesManifest.ReadBase());

    [Fact]
    public void The_probes_fit_the_thresholds() => AssertProbes(KubernetesManifest.ReadBase());

    [Fact]
    public async Task The_application_answers_where_the_probes_ask()
    {
        Yaml container = KubernetesManifest.ReadBase().Container;
        await using SampleServer server = await SampleServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };

        foreach (string probe in (string[])["startupProbe", "readinessProbe", "livenessProbe"])
        {
            HttpResponseMessage answer = await client.GetAsync(new Uri(container[probe]["httpGet"]["path"].Text, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public void Ports_and_labels_meet()
    {
        KubernetesManifest manifest = KubernetesManifest.ReadBase();
        Yaml port = Assert.Single(manifest.Container["ports"].Items);
        Yaml labels = manifest.Object("Deployment")["spec"]["template"]["metadata"];

        Assert.Contains($"EXPOSE {port["containerPort"].Number}\n", RepositoryFile.Read("samples/HeaderServer/Dockerfile").ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(port["containerPort"].Text, labels["annotations"]["prometheus.io/port"].Text);
        Assert.Equal(port["name"].Text, Assert.Single(manifest.Object("Service")["spec"]["ports"].Items)["targetPort"].Text);
        const string Name = "app.kubernetes.io/name";
        string name = labels["labels"][Name].Text;
        Assert.All(
            [
                manifest.Object("Deployment")["spec"]["selector"]["matchLabels"], manifest.Object("Service")["spec"]["selector"],
                manifest.Object("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
                .. manifest.Pod["topologySpreadConstraints"].Items.Select(constraint => constraint["labelSelector"]["matchLabels"]),
            ],
            selector => Assert.Equal(name, selector[Name].Text));
        Assert.Equal(manifest.Object("Deployment")["metadata"]["name"].Text, manifest.Object("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"].Text);
    }

    [Fact]
    public void The_container_may_do_as_little_as_it_can()
    {
        KubernetesManifest manifest = KubernetesManifest.ReadBase();
        Yaml pod = manifest.Pod["securityContext"];
        Yaml container = manifest.Container["securityContext"];

        Assert.Equal(("true", "RuntimeDefault"), (pod["runAsNonRoot"].Text, pod["seccompProfile"]["type"].Text));
        Assert.Equal(("false", "true"), (container["allowPrivilegeEscalation"].Text, container["readOnlyRootFilesystem"].Text));
        Assert.Equal(["ALL"], container["capabilities"]["drop"].Items.Select(item => item.Text));
    }

    private static void AssertFits(KubernetesManifest manifest)
    {
        Yaml resources = manifest.Container["resources"];
        ContainerSettings settings = manifest.Settings;

        Assert.True(
            KubernetesManifest.Bytes(resources["limits"]["memory"].Text) >= settings.NeededMemory,
            $"{resources["limits"]["memory"].Text} do not hold {settings.NeededMemory >> 20} MiB.");
        Assert.Equal(resources["limits"]["memory"].Text, resources["requests"]["memory"].Text);
        Assert.Equal(MemoryCheck.Refuse, settings.Options.MemoryCheck);
    }

    /// <summary>All that may grow together stays below the share of the limit from which the container's own source warns.</summary>
    private static void AssertWatched(KubernetesManifest manifest)
    {
        ContainerSettings settings = manifest.Settings;
        Assert.True(!settings.Options.Restart.SelfDrain || settings.NeededMemory <= settings.Options.Restart.MemoryLimit.WarnAt * manifest.MemoryLimit);
    }

    private static void AssertProbes(KubernetesManifest manifest)
    {
        Yaml container = manifest.Container;
        string port = Assert.Single(container["ports"].Items)["name"].Text;
        foreach (string probe in (string[])["startupProbe", "readinessProbe", "livenessProbe"])
        {
            Assert.Equal(port, container[probe]["httpGet"]["port"].Text);
            Assert.True(container[probe]["timeoutSeconds"].Number <= container[probe]["periodSeconds"].Number);
        }

        TimeSpan drainDelay = manifest.Settings.Options.Restart.DrainDelay;
        int readiness = Patience(container["readinessProbe"]);
        Assert.Equal(("/readyz", "/livez"), (container["readinessProbe"]["httpGet"]["path"].Text, container["livenessProbe"]["httpGet"]["path"].Text));
        Assert.True(readiness + DrainNoticeMargin < drainDelay.TotalSeconds, $"A pod is noticed to drain after {readiness} s, and is due after {drainDelay}.");
        Assert.True(readiness < Patience(container["livenessProbe"]));
        int grace = manifest.Pod["terminationGracePeriodSeconds"].Number;
        Assert.True(grace > container["lifecycle"]["preStop"]["sleep"]["seconds"].Number + HostShutdownTimeout);
    }

    private static int Patience(Yaml probe) => probe["periodSeconds"].Number * probe["failureThreshold"].Number;
}
