using Microsoft.Extensions.DependencyInjection;
using OneShot.AspNetCore.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>For hosts under test, such as those of a <c>WebApplicationFactory</c>.</summary>
public static class OneShotTestingWebHostBuilderExtensions
{
    /// <summary>
    /// Switches the arena's <c>Debug</c> on, whatever the application's configuration says: memory that is used after its request, on two threads or twice throws at that very call.
    /// It stands in <c>ConfigureWebHost</c>.
    /// </summary>
    /// <param name="builder">Of the host.</param>
    public static IWebHostBuilder UseOneShotDebug(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services => services.PostConfigure<OneShotOptions>(static options => options.Debug = true));
    }
}
