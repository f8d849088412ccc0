using HeaderServer;

namespace OneShot.EndToEnd.Tests.Sample;

/// <summary>The sample itself on a loopback port, within this process.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SampleServer(WebApplication app) => _app = app;

    /// <summary>The sample as it was built, for starting it as a process: beside the tests, of the same configuration.</summary>
    internal static string Program { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "HeaderServer", new DirectoryInfo(AppContext.BaseDirectory).Name, "HeaderServer.dll"));

    internal Uri Address => new(_app.Urls.Single());

    internal IServiceProvider Services => _app.Services;

    /// <param name="settings">As on its command line.</param>
    internal static async Task<SampleServer> StartAsync(params string[] settings)
    {
        // Without metrics: the exporter would listen to every other host of this process as well.
        WebApplication app = HeaderServerApp.Create(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=None", "--OneShot:Metrics=false", .. settings]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new SampleServer(app);
    }

    internal Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
