using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Hosting;

/// <summary>Puts the arena's middleware before all others, so that every middleware has the arena and no line has to be written.</summary>
internal sealed class RequestArenaStartupFilter(OneShotMarker marker) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        OneShotApplicationBuilderExtensions.UseFirst(app, marker);
        next(app);
    };
}
