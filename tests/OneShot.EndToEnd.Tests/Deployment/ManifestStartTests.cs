using System.Globalization;
using System.Net;
using OneShot.EndToEnd.Tests.Sample;
using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The sample in the environment and under the memory limit of the manifests, as it is built usually and as it is compiled ahead of time.</summary>
public sealed class ManifestStartTests
{
    private const string HeapLimit = "DOTNET_GCHeapHardLimit";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("overlays/never", false)]
    [InlineData("overlays/per-request", false)]
    [InlineData("overlays/never", true)]
    [InlineData("overlays/per-request", true)]
    public async Task It_starts(string folder, bool isNative)
    {
        KubernetesManifest manifest = await KubernetesManifest.BuildAsync(folder);
        using MemoryCgroup container = Containers.Create(manifest.MemoryLimit, Assert.Skip);
        int port = FreePort.Next();

        (string shell, string[] arguments) = container.Enter(await CommandAsync(isNative, port));
        await using ChildProcess sample = await ChildProcess.ListeningAsync(shell, arguments, port, Environment(manifest));

        using var client = new HttpClient { BaseAddress = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port).Uri };
        HttpResponseMessage answer = await client.GetAsync(new Uri(manifest.Container["readinessProbe"]["httpGet"]["path"].Text, UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Without the heap's limit the sum does not fit: so in the tests above the limit was taken.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_limit_of_the_heap_it_does_not_start(bool isNative)
    {
        KubernetesManifest manifest = KubernetesManifest.ReadBase();

        ToolResult result = await RunAsync(manifest, isNative, Environment(manifest).Where(variable => variable.Name != HeapLimit));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Set DOTNET_GCHeapHardLimit=C000000 (hexadecimal, no 0x: 192MiB)", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Why it is written without: the parser of a program that was compiled ahead of time takes no prefix, and says nothing.</summary>
    [Fact]
    public async Task Compiled_ahead_of_time_it_takes_no_limit_with_a_prefix()
    {
        KubernetesManifest manifest = KubernetesManifest.ReadBase();

        ToolResult result = await RunAsync(manifest, isNative: true, Environment(manifest).Select(variable => variable.Name == HeapLimit ? (HeapLimit, "0x" + variable.Value) : variable));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("(hexadecimal, no 0x: ", result.Error, StringComparison.Ordinal);
    }

    private static async Task<ToolResult> RunAsync(KubernetesManifest manifest, bool isNative, IEnumerable<(string Name, string Value)> environment)
    {
        using MemoryCgroup container = Containers.Create(manifest.MemoryLimit, Assert.Skip);
        (string shell, string[] arguments) = container.Enter(await CommandAsync(isNative, FreePort.Next()));
        System.Diagnostics.ProcessStartInfo start = Tool.StartInfo(shell, arguments, input: false);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return await Tool.RunAsync(start, Eventually.Patience);
    }

    private static (string Name, string Value)[] Environment(KubernetesManifest manifest) =>
        [.. manifest.Container["env"].Items.Select(variable => (variable["name"].Text, variable["value"].Text))];

    private static async Task<string[]> CommandAsync(bool isNative, int port)
    {
        string[] program = isNative ? [await NativeSample.ProgramAsync()] : ["dotnet", SampleServer.Program];
        return [.. program, "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")];
    }
}
