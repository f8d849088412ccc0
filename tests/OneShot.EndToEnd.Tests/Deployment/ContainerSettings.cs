using System.Globalization;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>What the environment of a container makes of the application: its options as it would read them itself, and the GC's heap limit.</summary>
internal sealed class ContainerSettings
{
    // What the start-up check keeps free for everything else; see docs/sizing.md.
    private const long Headroom = 64L << 20;
    private const string HeapLimit = "DOTNET_GCHeapHardLimit";
    private const string Prefix = "OneShot__";

    internal ContainerSettings(IReadOnlyDictionary<string, string> environment)
    {
        Dictionary<string, string?> settings = environment
            .Where(variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(variable => variable.Key.Replace("__", ":", StringComparison.Ordinal), variable => (string?)variable.Value);
        settings.Remove("OneShot:RestartLease"); // of the sample, not of the library
        Assert.All(settings.Keys, key => Assert.True(IsKnown(key), $"There is no option {key}."));

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddJsonFile(RepositoryFile.PathOf("samples/HeaderServer/appsettings.json")); // what the image has beside its program
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddOneShotArena();
        using ServiceProvider services = builder.Services.BuildServiceProvider();
        Options = services.GetRequiredService<IOptions<OneShotOptions>>().Value; // validated, as at the application's start

        string heap = environment[HeapLimit];
        GcHeapLimit = long.Parse(heap, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture); // with 0x, Native AOT would not take it
    }

    internal OneShotOptions Options { get; }

    internal long GcHeapLimit { get; }

    /// <summary>The least memory limit in bytes under which nothing of it is killed.</summary>
    internal long NeededMemory => Options.Capacity + (Options.ConnectionBudget > 0 ? Options.Capacity / 16 : 0) + GcHeapLimit + Headroom;

    private static bool IsKnown(string key)
    {
        Type type = typeof(OneShotOptions);
        foreach (string name in key.Split(':').Skip(1))
        {
            if (type.GetProperty(name) is not { } property)
            {
                return false;
            }

            type = property.PropertyType;
        }

        return true;
    }
}
