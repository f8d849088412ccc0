using Microsoft.Extensions.Configuration;

namespace OneShot.AspNetCore.Hosting;

/// <summary>A configuration section that options are read from, and that may be reloaded; null where there is no configuration.</summary>
internal sealed class RestartReloadSource(IConfiguration? section)
{
    public IConfiguration? Section => section;
}
