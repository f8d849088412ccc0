using System.Text.Json;
using System.Text.RegularExpressions;
using OneShot.EndToEnd.Tests.Sample;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>Alerts and dashboard ask for metrics that the application really exports.</summary>
public sealed partial class MonitoringTests
{
    private const string Rules = "deploy/prometheus/rules/oneshot.yml";
    private const string Dashboard = "deploy/grafana/dashboards/oneshot.json";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_asked_for_is_exported()
    {
        string[] asked = [.. MetricName().Matches(RepositoryFile.Read(Rules) + RepositoryFile.Read(Dashboard)).Select(match => match.Value).Distinct()];
        Assert.Contains("oneshot_restart_phase", asked);
        int port = FreePort.Next();
        var address = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri;

        // A process of its own: OpenTelemetry listens to the meters of all hosts in a process, and forgets those of one that ends.
        await using ChildProcess sample = await ChildProcess.ListeningAsync("dotnet", [SampleServer.Program, "--urls", address.ToString(), "--OneShot:BlockSize=1KiB"], port);
        using var client = new HttpClient { BaseAddress = address };

        string[] missing = asked;
        await Eventually.TrueAsync(
            () =>
            {
                // Each of these requests takes from the arena, so that it is seen filling: only then is there a time to full.
                string text = client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel).GetAwaiter().GetResult();
                missing = [.. asked.Where(name => !text.Contains($"\n{name}{{", StringComparison.Ordinal))];
                return missing.Length == 0;
            },
            () => $"/metrics has no {string.Join(", ", missing)}.");
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

    [GeneratedRegex(@"\b(oneshot|http_server|kestrel|dotnet)_[a-z0-9_]+")]
    private static partial Regex MetricName();
}
