using Microsoft.AspNetCore.Mvc.Testing;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>
/// The sample on a TestServer. Settings reach it as command-line arguments. Without metrics: who exports them listens to all meters of their names in the process, also to those
/// of tests that run beside.
/// </summary>
internal sealed class HeaderServerFactory(params (string Key, string Value)[] settings) : WebApplicationFactory<Program>
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.ConfigureLogging(static logging => logging.ClearProviders());
        builder.UseSetting("OneShot:Metrics", "false");
        foreach ((string key, string value) in settings)
        {
            builder.UseSetting(key, value);
        }
    }
}
