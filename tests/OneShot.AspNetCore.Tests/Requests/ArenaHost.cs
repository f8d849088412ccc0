using Microsoft.AspNetCore.TestHost;
using OneShot.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>An application behind <c>UseOneShotArena()</c> on a TestServer, whose own parser the front has no part in.</summary>
internal sealed class ArenaHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ArenaHost(WebApplication app) => _app = app;

    public ProcessArena Process => _app.Services.GetRequiredService<ProcessArena>();

    public HttpClient Client => field ??= _app.GetTestClient();

    public static async Task<ArenaHost> StartAsync(RequestDelegate application, Action<OneShotOptions>? configure = null, Action<IApplicationBuilder>? before = null, TimeProvider? time = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddOneShotArena(options =>
        {
            options.Capacity = 256 << 10;
            options.Reclamation = ArenaReclamation.Never;
            configure?.Invoke(options);
        });

        WebApplication app = builder.Build();
        before?.Invoke(app);
        app.UseOneShotArena();
        app.Run(application);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ArenaHost(app);
    }

    public Task<HttpResponseMessage> GetAsync() => Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);

    /// <summary>Takes all that is left, to the last 8 bytes.</summary>
    public void FillUp()
    {
        for (int size = 128 << 10; size >= 8; size /= 2)
        {
            while (Process.TryAllocate(size, out _))
            {
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
