using System.Text.Json;
using OneShot.EndToEnd.Tests.Sample;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>Alerts and dashboard ask for metrics that the application really exports.</summary>
public sealed class MonitoringTests
{
    private const string Rules = "deploy/prometheus/rules/oneshot.yml";
    private const string Dashboard = "deploy/grafana/dashboards/oneshot.json";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_and_label_asked_for_is_exported()
    {
        MetricQueries asked = new("oneshot|http_server|kestrel|dotnet");
        Assert.Contains("oneshot_restart_phase", asked.Names);
        int port = FreePort.Next();
        var address = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri;

        // A process of its own: OpenTelemetry listens to the meters of all hosts in a process, and forgets those of one that ends.
        await using ChildProcess sample = await ChildProcess.ListeningAsync("dotnet", [SampleServer.Program, "--urls", address.ToString(), "--OneShot:BlockSize=1KiB", "--OneShot:Heap:Budget=64MiB"], port);
        using var client = new HttpClient { BaseAddress = address };

        // Each of these requests takes from the arena, so that it is seen filling: only then is there a time to full.
        string scraped = "";
        string[] missing = [];
        await Eventually.TrueAsync(
            () =>
            {
                scraped = client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel).GetAwaiter().GetResult();
                missing = asked.MissingIn(scraped);
                return missing.Length == 0;
            },
            () => $"/metrics has no {string.Join(", ", missing)}.");
        Assert.Empty(MetricQueries.UnknownGroupings(scraped).Except(["code"])); // HAProxy's
    }

    [Fact]
    public async Task Every_metric_and_label_asked_of_HAProxy_is_exported()
    {
        MetricQueries asked = new("haproxy");
        Assert.NotEmpty(asked.Names);
        int port = FreePort.Next();
        (string, string)[] addresses = [("HTTP_BIND", $"127.0.0.1:{FreePort.Next()}"), ("FIGURES_BIND", $"127.0.0.1:{port}")];
        await using ChildProcess haproxy = await ChildProcess.ListeningAsync("haproxy", ["-db", "-f", RepositoryFile.PathOf("deploy/haproxy/haproxy.cfg")], port, addresses);
        using var client = new HttpClient { BaseAddress = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri };

        string scraped = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);

        Assert.Empty(asked.MissingIn(scraped));
        Assert.DoesNotContain("code", MetricQueries.UnknownGroupings(scraped));
    }

    [Fact]
    public async Task Prometheus_takes_its_configuration_and_the_alerts()
    {
        ToolResult result = await Tool.RunAsync("promtool", ["check", "config", RepositoryFile.PathOf("deploy/prometheus/prometheus.yml")]);

        result.Succeeded();
        Assert.DoesNotContain("FAILED", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_alerts_fire_when_they_should_and_only_then() =>
        (await Tool.RunAsync("promtool", ["test", "rules", RepositoryFile.PathOf("deploy/prometheus/tests/oneshot.yml")])).Succeeded();

    [Fact]
    public void Every_alert_says_what_to_do_and_is_on_the_operators_page()
    {
        string page = RepositoryFile.Read("docs/operations.md");
        foreach (Yaml rule in Yaml.Documents(RepositoryFile.Read(Rules)).Single()["groups"].Items.Single()["rules"].Items)
        {
            Assert.Contains($"`{rule["alert"].Text}`", page, StringComparison.Ordinal);
            Assert.NotEqual("", rule["annotations"]["summary"].Text);
            Assert.NotEqual("", rule["annotations"]["description"].Text);
            Assert.Contains(rule["labels"]["severity"].Text, (string[])["warning", "critical"]);
        }
    }

    [Fact]
    public void The_dashboard_reads_from_the_data_source_that_is_provisioned()
    {
        Yaml source = Assert.Single(Yaml.Documents(RepositoryFile.Read("deploy/grafana/provisioning/datasources/prometheus.yml")).Single()["datasources"].Items);
        using JsonDocument dashboard = JsonDocument.Parse(RepositoryFile.Read(Dashboard));

        JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()];

        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels, panel => Assert.Equal(source["uid"].Text, panel.GetProperty("datasource").GetProperty("uid").GetString()));
    }

    [Fact]
    public void The_dashboard_is_for_any_job_and_shows_restarts_and_the_memory_limit()
    {
        using JsonDocument dashboard = JsonDocument.Parse(RepositoryFile.Read(Dashboard));
        JsonElement root = dashboard.RootElement;

        Assert.Equal(["job", "instance"], root.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()));
        Assert.DoesNotContain("header-server", root.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("resets(", Assert.Single(root.GetProperty("annotations").GetProperty("list").EnumerateArray()).GetProperty("expr").GetString(), StringComparison.Ordinal);
        JsonElement memory = root.GetProperty("panels").EnumerateArray().Single(panel => panel.GetProperty("title").GetString() == "Memory");
        Assert.Contains(memory.GetProperty("targets").EnumerateArray(), target => target.GetProperty("expr").GetString()!.Contains("container_spec_memory_limit_bytes", StringComparison.Ordinal));
    }
}
