using System.Net;
using System.Text.Json;

namespace OneShot.AspNetCore.Tests.Sample;

public class EndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_gives_a_line_for_every_header()
    {
        await using HeaderServerFactory factory = new();
        using HttpClient client = factory.CreateClient();
        client.DefaultRequestHeaders.Add("X-Probe", "42");
        client.DefaultRequestHeaders.Add("X-List", ["a", "b"]);

        string[] lines = (await client.GetStringAsync(Path("/headers"), Cancel)).Split('\n');

        Assert.Contains("X-Probe: 42", lines);
        Assert.Contains("Host: localhost", lines);
        Assert.Equal("", lines[^1]);
    }

    [Theory]
    [InlineData("X-Probe", "42")]
    [InlineData("x-pROBE", "42")]
    public async Task A_header_by_name_gives_its_value(string name, string expected)
    {
        await using HeaderServerFactory factory = new();
        using HttpClient client = factory.CreateClient();
        client.DefaultRequestHeaders.Add("X-Probe", "42");

        Assert.Equal(expected, await client.GetStringAsync(Path($"/headers/{name}"), Cancel));
    }

    [Fact]
    public async Task A_header_that_was_not_sent_is_404()
    {
        await using HeaderServerFactory factory = new();
        using HttpClient client = factory.CreateClient();

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(Path("/headers/x-absent"), Cancel)).StatusCode);
    }

    [Fact]
    public async Task Plaintext_greets()
    {
        await using HeaderServerFactory factory = new();
        using HttpClient client = factory.CreateClient();

        HttpResponseMessage response = await client.GetAsync(Path("/plaintext"), Cancel);

        Assert.Equal("Hello, World!", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(13, response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(1 << 20)]
    public async Task Echo_gives_the_body_back(int length)
    {
        await using HeaderServerFactory factory = new();
        using HttpClient client = factory.CreateClient();
        byte[] body = new byte[length];
        Random.Shared.NextBytes(body);

        HttpResponseMessage response = await client.PostAsync(Path("/echo"), new ByteArrayContent(body), Cancel);

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Stats_have_their_shape()
    {
        await using HeaderServerFactory factory = new(("OneShot:Capacity", "8MiB"), ("OneShot:Reclamation", "PerRequest"), ("OneShot:Front", "Kestrel"), ("OneShot:Transport", "Sockets"));
        using HttpClient client = factory.CreateClient();
        await client.GetAsync(Path("/plaintext"), Cancel);
        await client.GetAsync(Path("/nowhere"), Cancel);

        using JsonDocument stats = JsonDocument.Parse(await client.GetStringAsync(Path("/stats"), Cancel));

        JsonElement root = stats.RootElement;
        Assert.Equal(
            ["front", "transport", "reclamation", "processArena", "heap", "memory", "requests", "managedBytesAllocated", "cpuMicroseconds", "gc", "restartPhase", "timeToFullSeconds"],
            root.EnumerateObject().Select(property => property.Name));
        Assert.Equal("Kestrel", root.GetProperty("front").GetString());
        Assert.Equal("Sockets", root.GetProperty("transport").GetString());
        Assert.Equal("PerRequest", root.GetProperty("reclamation").GetString());
        Assert.Equal(3, root.GetProperty("requests").GetInt64());
        Assert.True(root.GetProperty("managedBytesAllocated").GetInt64() > 0);
        Assert.True(root.GetProperty("cpuMicroseconds").GetInt64() >= 0);

        Assert.Equal(JsonValueKind.Null, root.GetProperty("heap").ValueKind); // no budget was asked for
        JsonElement source = root.GetProperty("memory")[0];
        Assert.Equal(["source", "limit", "used", "drainAt", "timeToFullSeconds"], source.EnumerateObject().Select(property => property.Name));
        Assert.Equal("arena", source.GetProperty("source").GetString());
        JsonElement arena = root.GetProperty("processArena");
        Assert.Equal(["capacity", "used", "utilization"], arena.EnumerateObject().Select(property => property.Name));
        Assert.Equal(8 << 20, arena.GetProperty("capacity").GetInt64());
        Assert.Equal((double)arena.GetProperty("used").GetInt64() / (8 << 20), arena.GetProperty("utilization").GetDouble());
        Assert.Equal("Normal", root.GetProperty("restartPhase").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("timeToFullSeconds").ValueKind);
        Assert.Equal(["gen0", "gen1", "gen2"], root.GetProperty("gc").EnumerateObject().Select(property => property.Name));
    }

    [Theory]
    [InlineData(0.5, "/readyz", HttpStatusCode.OK, "Healthy")]
    [InlineData(0.8, "/readyz", HttpStatusCode.OK, "Degraded")]
    [InlineData(0.9, "/readyz", HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    [InlineData(0.9, "/livez", HttpStatusCode.OK, "Degraded")]
    [InlineData(1.0, "/livez", HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    public async Task Probes_tell_the_fill_with_its_numbers(double fill, string path, HttpStatusCode code, string status)
    {
        const int Capacity = 4 << 20;
        await using HeaderServerFactory factory = new(
            ("OneShot:Capacity", "4MiB"), ("OneShot:Reclamation", "Never"), ("OneShot:Restart:Jitter", "0"), ("OneShot:Restart:MinLife", "00:00:00"));
        using HttpClient client = factory.CreateClient();
        factory.Services.GetRequiredService<ProcessArena>().Allocate((int)(Capacity * fill));

        HttpResponseMessage response = await client.GetAsync(Path(path), Cancel);

        Assert.Equal(code, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        using JsonDocument report = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(status, report.RootElement.GetProperty("status").GetString());
        JsonElement check = Assert.Single(report.RootElement.GetProperty("checks").EnumerateObject()).Value;
        Assert.Equal(status, check.GetProperty("status").GetString());
        JsonElement data = check.GetProperty("data");
        Assert.Equal(Capacity, data.GetProperty("capacity").GetInt64());
        Assert.True(data.GetProperty("used").GetInt64() >= (long)(Capacity * fill) - 8);
        Assert.Equal("Never", data.GetProperty("reclamation").GetString());
    }

    private static Uri Path(string path) => new(path, UriKind.Relative);
}
