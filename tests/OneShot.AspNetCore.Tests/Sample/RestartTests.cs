using System.Net;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>The sample at the end of its life, and those who ask how it is.</summary>
public class RestartTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    private static readonly Uri s_headers = new("/headers", UriKind.Relative);
    private static readonly Uri s_ready = new("/readyz", UriKind.Relative);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("OneShot")]
    [InlineData("Kestrel")]
    public async Task A_self_drain_answers_every_request_and_ends_with_the_chosen_exit_code(string front)
    {
        await using SampleProcess sample = await SampleProcess.StartAsync([
            "--urls", AnyPort, $"--OneShot:Front={front}", "--OneShot:Capacity=1MiB", "--OneShot:Restart:SelfDrain=true", "--OneShot:Restart:MinLife=00:00:00",
            "--OneShot:Restart:DrainDelay=00:00:20", "--OneShot:Restart:ExitCode=42"]); // time enough for the requests behind the loop
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };
        client.DefaultRequestHeaders.Add("X-Large", new string('x', 8 << 10));

        // As a balancer does: traffic for as long as it is ready, and to the end of what was begun.
        int answered = 0;
        while ((await client.GetAsync(s_ready, Cancel)).StatusCode == HttpStatusCode.OK)
        {
            HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetAsync(s_headers, Cancel)));
            Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
            answered += responses.Length;
        }

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/livez", UriKind.Relative), Cancel)).StatusCode);

        // Each connection has its turn, within three quarters of the delay.
        HttpResponseMessage last;
        do
        {
            last = await client.GetAsync(s_headers, Cancel);
            Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        }
        while (last.Headers.ConnectionClose != true);

        Assert.True(answered > 0);
        Assert.Equal(42, await sample.ExitCodeAsync());
    }

    [Fact]
    public async Task The_metrics_are_there_for_Prometheus()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort]);
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };
        await client.GetAsync(s_headers, Cancel);

        string text = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);

        string[] names = [.. text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line[7..])];
        Assert.All(
            (string[])[
                "oneshot_arena_limit_bytes gauge", "oneshot_arena_usage_bytes gauge", "oneshot_arena_utilization gauge",
                "oneshot_arena_allocated_bytes_total counter", "oneshot_arena_fallbacks_total counter", "oneshot_arena_refusals_total counter",
                "oneshot_request_arena_size_bytes histogram", "oneshot_restart_phase gauge",
                "http_server_request_duration_seconds histogram", "kestrel_active_connections gauge", "dotnet_gc_collections_total counter",
            ],
            name => Assert.Contains(name, names));
        Assert.Contains("oneshot_arena_fallbacks_total{otel_scope_name=\"OneShot.AspNetCore\",reason=\"full\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_metrics_there_are_none()
    {
        await using HeaderServerFactory factory = new(("OneShot:Metrics", "false"));
        using HttpClient client = factory.CreateClient();

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("/metrics", UriKind.Relative), Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_healthcheck_verb_tells_a_healthy_server_from_a_sick_one()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort]);
        Uri address = Assert.Single(sample.Addresses);

        (int exitCode, string output, string error) = await SampleProcess.RunAsync("healthcheck", $"{address}livez");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("200 {\"status\":\"Healthy\"", output, StringComparison.Ordinal);

        (exitCode, output, _) = await SampleProcess.RunAsync("healthcheck", $"{address}nowhere");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("404 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_healthcheck_verb_asks_no_proxy()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort]);

        (int exitCode, _, string error) = await SampleProcess.RunAsync(
            ["healthcheck", $"{Assert.Single(sample.Addresses)}livez"], [("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1")]);

        Assert.Equal((0, ""), (exitCode, error));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/livez", "http://127.0.0.1:1/livez: Connection refused")]
    [InlineData("livez", "Usage: HeaderServer healthcheck [url]   (default: http://127.0.0.1:8080/livez)")]
    public async Task Where_no_server_answers_the_healthcheck_verb_says_why(string url, string message)
    {
        (int exitCode, string output, string error) = await SampleProcess.RunAsync("healthcheck", url);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }
}
