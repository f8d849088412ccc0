using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OneShot.AspNetCore.Tests.Sample;

public class ProcessTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--OneShot:Capacity=64MB", "OneShot:Capacity is '64MB': write bytes, or a whole number of KiB, MiB or GiB, such as 64MiB, or 1% to 90% of the container's memory limit.")]
    [InlineData("--OneShot:Capacity=1KiB", "OneShot:Capacity is 1KiB: set at least one block (16KiB) and at most 16TiB, such as 64MiB.")]
    [InlineData("--OneShot:BlockSize=7", "OneShot:BlockSize is 7 bytes: set a multiple of 64 bytes from 1KiB to 256MiB, such as 16KiB.")]
    [InlineData("--OneShot:Reclamation=Sometimes", "OneShot:Reclamation is 'Sometimes': write Never, PerRequest or Generational.")]
    [InlineData("--OneShot:Garbage=lots", "OneShot:Garbage is 'lots': write a number of bytes up to 1048576.")]
    [InlineData("--OneShot:LiveObjects=1GiB", "OneShot:LiveObjects is '1GiB': write a number of MiB up to 65536.")]
    [InlineData("--OneShot:GcPauses=some", "OneShot:GcPauses is 'some': write true or false.")]
    [InlineData("--OneShot:Front=Nginx", "OneShot:Front is 'Nginx': write OneShot or Kestrel.")]
    [InlineData("--Kestrel:Limits:MaxConcurrentConnections=none", "Kestrel:Limits:MaxConcurrentConnections is 'none': write a number of connections from 1 on.")]
    [InlineData("--Kestrel:Limits:MaxConcurrentConnections=0", "Kestrel:Limits:MaxConcurrentConnections is '0': write a number of connections from 1 on.")]
    [InlineData("--urls=nonsense", "Invalid url: 'nonsense'. Check --urls and Kestrel:Endpoints.")]
    [InlineData("--urls=http://localhost:99999", "Check --urls and Kestrel:Endpoints.")]
    [InlineData("--Kestrel:Endpoints:H2:Protocols=Http2", "The endpoint H2 is missing the required 'Url' parameter.")]
    public async Task A_bad_value_is_one_line_and_exit_code_1(string argument, string message)
    {
        (int exitCode, string output, string error) = await SampleProcess.RunAsync(argument);

        Assert.Equal(1, exitCode);
        Assert.Equal("", output);
        Assert.StartsWith("HeaderServer cannot start: ", error, StringComparison.Ordinal);
        Assert.EndsWith(message + Environment.NewLine, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_connection_beyond_the_limit_is_closed()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort, "--Kestrel:Limits:MaxConcurrentConnections=1"]);
        Uri address = Assert.Single(sample.Addresses);
        using HttpClient client = new() { BaseAddress = address };
        await client.GetAsync(new Uri("/plaintext", UriKind.Relative), Cancel); // and keeps its connection

        using TcpClient second = new();
        await second.ConnectAsync(address.Host, address.Port, Cancel);

        // Nothing was sent: only who closes the connection ends this.
        Assert.Equal(0, await second.GetStream().ReadAsync(new byte[1], Cancel));
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_and_exit_code_1()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();

        (int exitCode, string output, string error) = await SampleProcess.RunAsync($"--urls=http://{other.LocalEndpoint}");

        Assert.Equal(1, exitCode);
        Assert.Equal("", output);
        Assert.Contains("address already in use", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void By_default_it_listens_on_localhost_8080_by_configuration()
    {
        IConfiguration settings = new ConfigurationBuilder().AddJsonFile(Path.Combine(SampleProcess.Folder, "appsettings.json")).Build();

        Assert.Equal("http://localhost:8080", settings["Kestrel:Endpoints:Http:Url"]);
    }

    [Fact]
    public async Task Urls_replace_the_default_address()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort]);

        Uri address = Assert.Single(sample.Addresses);
        Assert.NotEqual(8080, address.Port);
        using HttpClient client = new() { BaseAddress = address };
        Assert.Equal("Hello, World!", await client.GetStringAsync(new Uri("/plaintext", UriKind.Relative), Cancel));
    }

    [Fact]
    public async Task The_environment_configures_it()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(
            [], ("ASPNETCORE_URLS", AnyPort), ("OneShot__Capacity", "8MiB"), ("OneShot__Front", "kestrel"));
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };

        JsonElement stats = await client.GetFromJsonAsync<JsonElement>(new Uri("/stats", UriKind.Relative), Cancel);

        Assert.Equal(8 << 20, stats.GetProperty("processArena").GetProperty("capacity").GetInt64());
        Assert.Equal("Kestrel", stats.GetProperty("front").GetString());
    }

    [Fact]
    public async Task An_HTTP2_endpoint_stands_beside_and_is_served_by_Kestrel()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync([
            $"--Kestrel:Endpoints:Http:Url={AnyPort}",
            $"--Kestrel:Endpoints:H2:Url={AnyPort}",
            "--Kestrel:Endpoints:H2:Protocols=Http2"]);
        Assert.Equal(2, sample.Addresses.Count);

        List<Version> answered = [];
        foreach (Uri address in sample.Addresses)
        {
            using HttpClient client = new() { BaseAddress = address };
            client.DefaultRequestHeaders.Add("X-Probe", "42");
            foreach (Version version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
            {
                using HttpRequestMessage request = new(HttpMethod.Get, "/headers/x-probe") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
                try
                {
                    HttpResponseMessage response = await client.SendAsync(request, Cancel);
                    if (response.IsSuccessStatusCode)
                    {
                        Assert.Equal("42", await response.Content.ReadAsStringAsync(Cancel));
                        answered.Add(response.Version);
                    }
                }
                catch (HttpRequestException)
                {
                    // This endpoint does not speak that version.
                }
            }
        }

        Assert.Equal([HttpVersion.Version11, HttpVersion.Version20], answered.Order());
    }

    [Fact]
    public async Task A_full_arena_fails_liveness_with_the_numbers_and_still_answers()
    {
        const int Capacity = 1 << 20;
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort, "--OneShot:Capacity=1MiB", "--OneShot:Restart:MinLife=00:00:00"]);
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };
        client.DefaultRequestHeaders.Add("X-Large", new string('x', 16 << 10));

        HttpResponseMessage probe = await client.GetAsync(new Uri("/livez", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        for (int i = 0; i < Capacity >> 14; i++)
        {
            (await client.GetAsync(new Uri("/headers", UriKind.Relative), Cancel)).EnsureSuccessStatusCode();
        }

        probe = await client.GetAsync(new Uri("/livez", UriKind.Relative), Cancel);
        HttpResponseMessage answer = await client.GetAsync(new Uri("/plaintext", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, probe.StatusCode);
        JsonElement report = await probe.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        JsonElement data = report.GetProperty("checks").GetProperty("oneshot_arena_live").GetProperty("data");
        Assert.Equal(Capacity, data.GetProperty("capacity").GetInt64());
        Assert.True(data.GetProperty("utilization").GetDouble() >= 0.95);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("OneShot")]
    [InlineData("Kestrel")]
    public async Task A_chunked_body_comes_back_whole(string front)
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort, $"--OneShot:Front={front}"]);
        using HttpClient client = new() { BaseAddress = Assert.Single(sample.Addresses) };
        byte[] body = new byte[1 << 20];
        Random.Shared.NextBytes(body);
        using HttpRequestMessage request = new(HttpMethod.Post, "/echo") { Content = new StreamContent(new MemoryStream(body)) };
        request.Headers.TransferEncodingChunked = true;

        HttpResponseMessage response = await client.SendAsync(request, Cancel);

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Headers_come_back_in_wire_order_and_case()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync(["--urls", AnyPort]);
        Uri address = Assert.Single(sample.Addresses);
        using TcpClient client = new();
        await client.ConnectAsync(address.Host, address.Port, Cancel);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync("GET /headers HTTP/1.1\r\nzULU: 1\r\nHost: a.example\r\nalpha:  2 \r\nConnection: close\r\nzulu: 3\r\n\r\n"u8.ToArray(), Cancel);

        using StreamReader reader = new(stream);
        string response = await reader.ReadToEndAsync(Cancel);

        Assert.EndsWith("\r\n\r\nzULU: 1\nHost: a.example\nalpha: 2\nConnection: close\nzulu: 3\n", response, StringComparison.Ordinal);
    }
}
