using System.Globalization;
using OneShot.EndToEnd.Tests.Sample;
using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>What the kernel, or the GC, would end for want of memory ends itself before, with its requests answered.</summary>
public sealed class OutOfMemoryTests
{
    private const int ExitCode = 75;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A heap that only grows, and may, up to 256 MiB: the kernel would kill at 128.</summary>
    [Fact]
    public Task A_process_that_leaks_in_a_container_drains_and_ends_itself() =>
        EndsItselfAsync(128, headers: 0, "container's memory", "--OneShot:Reclamation=PerRequest", "--OneShot:Leak=10000", "DOTNET_GCHeapHardLimit=10000000");

    /// <summary>The arena's own steps would come at 218 MiB.</summary>
    [Fact]
    public Task An_arena_larger_than_its_container_drains_and_ends_itself() =>
        EndsItselfAsync(128, headers: 4, "container's memory", "--OneShot:Reclamation=Never", "--OneShot:Capacity=256MiB");

    /// <summary>The container has room, and the heap has a limit of 64 MiB.</summary>
    [Fact]
    public Task A_heap_with_a_limit_drains_and_ends_itself_before_it_is_out_of_memory() =>
        EndsItselfAsync(512, headers: 0, "heap of the GC", "--OneShot:Reclamation=PerRequest", "--OneShot:Leak=10000", "DOTNET_GCHeapHardLimit=4000000");

    private static async Task EndsItselfAsync(int mebibytes, int headers, string source, params string[] settings)
    {
        using MemoryCgroup container = Containers.Create((long)mebibytes << 20, Assert.Skip);
        int port = FreePort.Next();
        (string, string)[] environment = [.. settings.Where(IsVariable).Select(static setting => (setting.Split('=')[0], setting.Split('=')[1]))];
        string[] command =
        [
            "dotnet", SampleServer.Program, "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
            "--OneShot:MemoryCheck=Off", "--OneShot:Restart:SelfDrain=true", "--OneShot:Restart:DrainDelay=00:00:01", $"--OneShot:Restart:ExitCode={ExitCode}",
            .. settings.Where(static setting => !IsVariable(setting)),
        ];
        (string shell, string[] arguments) = container.Enter(command);
        await using ChildProcess sample = await ChildProcess.ListeningAsync(shell, arguments, port, environment);

        string load = await LoadUntilItDrainsAsync(new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri, headers);
        await Eventually.TrueAsync(() => sample.HasExited, () => $"It has not ended: {sample.Output}");

        string report = $"exit code {sample.ExitCode} {load}, killed by the kernel {container.OomKills}: {sample.Output}";
        Assert.True(sample.ExitCode == ExitCode, report);
        Assert.Contains($"The {source} is ", sample.Output, StringComparison.Ordinal);
        Assert.Equal(0, container.OomKills);
        Assert.DoesNotContain("OutOfMemoryException", sample.Output, StringComparison.Ordinal);
    }

    /// <summary>At most 200 requests a second, which is 2 MB of a leak and 6 MB of an arena: slow enough that a process which looks several times a second sees the end coming. All must be answered, the last with <c>Connection: close</c>.</summary>
    /// <returns>What came of it. A client that was held up for the rest of the drain finds a process that has ended, in whatever way: its exit code says.</returns>
    private static async Task<string> LoadUntilItDrainsAsync(Uri address, int headers)
    {
        using var client = new HttpClient { BaseAddress = address };
        for (int i = 0; i < headers; i++)
        {
            client.DefaultRequestHeaders.Add($"X-Fill-{i}", new string('x', 7_000));
        }

        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(5));
        for (int requests = 1; requests < 60_000; requests++)
        {
            await pace.WaitForNextTickAsync(Cancel);
            try
            {
                using HttpResponseMessage response = await client.GetAsync(new Uri("/plaintext", UriKind.Relative), Cancel);
                response.EnsureSuccessStatusCode();
                if (response.Headers.ConnectionClose == true)
                {
                    return $"after {requests} requests";
                }
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
            {
                return $"{exception.Message} at request {requests}"; // nobody listens: none was begun that is not answered
            }
        }

        return "without draining";
    }

    private static bool IsVariable(string setting) => !setting.StartsWith("--", StringComparison.Ordinal);
}
