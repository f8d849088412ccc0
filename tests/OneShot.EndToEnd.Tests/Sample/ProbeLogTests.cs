using System.Globalization;
using System.Net;

namespace OneShot.EndToEnd.Tests.Sample;

/// <summary>What the sample logs by its own settings while it is asked how it is.</summary>
public sealed class ProbeLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Probes_of_a_process_that_drains_do_not_fill_the_log()
    {
        int port = FreePort.Next();
        await using ChildProcess sample = await ChildProcess.ListeningAsync(
            "dotnet",
            [
                SampleServer.Program, "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"), "--OneShot:Capacity=1MiB",
                "--OneShot:Restart:WarnAt=0.001", "--OneShot:Restart:DrainAt=0.001", "--OneShot:Restart:DrainDelay=00:00:02", "--OneShot:Restart:MinLife=00:00:00",
            ],
            port);
        using var client = new HttpClient { BaseAddress = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri };
        client.DefaultRequestHeaders.Add("X-Large", new string('x', 8 << 10));
        await client.GetAsync(new Uri("/headers", UriKind.Relative), Cancel);

        for (int probe = 0; probe < 5; probe++)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancel)).StatusCode);
        }

        // The log is written in order: what the probes had to say stands before this.
        await Eventually.TrueAsync(() => sample.Output.Contains("a restart is due", StringComparison.Ordinal), () => sample.Output);
        Assert.Contains("draining", sample.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("HealthChecks", sample.Output, StringComparison.Ordinal);
    }
}
