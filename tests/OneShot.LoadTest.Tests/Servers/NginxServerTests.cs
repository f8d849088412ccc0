using OneShot.LoadTest.Processes;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tools;

namespace OneShot.LoadTest.Tests.Servers;

public class NginxServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Its_configuration_is_one_worker_on_loopback_that_writes_no_files()
    {
        string text = NginxConfiguration.Write(20_001, 256, certificate: null);

        Assert.Contains("worker_processes 1;", text, StringComparison.Ordinal);
        Assert.Contains("worker_connections 320;", text, StringComparison.Ordinal);
        Assert.Contains("access_log off;", text, StringComparison.Ordinal);
        Assert.Contains("listen 127.0.0.1:20001 backlog=512;\n", text, StringComparison.Ordinal);
        Assert.Contains("return 200 $http_host;", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ssl", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_answers_with_a_field_of_the_request_and_tells_its_processor_time(bool tls)
    {
        using ServerCertificate? certificate = tls ? new ServerCertificate() : null;
        using HttpClient client = ServerClient.Create(certificate);
        await using NginxServer server = await NginxServer.StartAsync(Installed(), 0, 8, certificate, Cancel);

        (LoadOutcome load, ServerCost cost) = await server.MeasureAsync(
            async cancel =>
            {
                Assert.Equal(server.Address.Authority, await client.GetStringAsync(new Uri(server.Address, "/plaintext"), cancel));
                using HttpResponseMessage posted = await client.PostAsync(new Uri(server.Address, "/echo"), new ByteArrayContent(new byte[2 << 20]), cancel);
                Assert.True(posted.IsSuccessStatusCode);
                return new LoadOutcome(2, TimeSpan.FromSeconds(1), new Latencies(1, 1, 1, 1), 0, 0, []);
            },
            Cancel);

        Assert.Equal(tls ? "https" : "http", server.Address.Scheme);
        Assert.Equal(2, load.Requests);
        Assert.True(cost.CpuMicroseconds >= 0);
        Assert.Null(cost.Memory);
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_its_words()
    {
        await using NginxServer first = await NginxServer.StartAsync(Installed(), 0, 8, certificate: null, Cancel);

        LoadTestException exception = await Assert.ThrowsAsync<LoadTestException>(
            () => NginxServer.StartAsync(Installed(), first.Address.Port, 8, certificate: null, Cancel));

        Assert.Contains("nginx ended at its start with exit code 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Address already in use", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_processs_time_is_read_behind_any_name() =>
        Assert.Equal(TimeSpan.FromSeconds(1.55), ProcessTime.Parse("42 (a) b (c) S 1 42 42 0 -1 4194560 95 0 0 0 121 34 0 0 20 0 1 0 5 6 7\n"));

    private static string Installed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads processor times from /proc.");
        string? nginx = Executables.Find("nginx");
        Assert.SkipWhen(nginx is null, "nginx is not installed.");
        return nginx!;
    }
}
