using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Requests;

/// <summary>A feature collection that knows its arena's feature, and need not look it up by a generic virtual call.</summary>
internal interface IRequestArenaSource
{
    /// <summary>What the collection has as <see cref="IRequestArenaFeature"/>.</summary>
    public IRequestArenaFeature? ArenaFeature { get; }
}

internal static class RequestArenaFeatures
{
    /// <summary>The feature, or null where nobody has set one.</summary>
    public static IRequestArenaFeature? ArenaFeatureOf(this HttpContext context)
    {
        IFeatureCollection features = context.Features;
        return features is IRequestArenaSource source ? source.ArenaFeature : features.Get<IRequestArenaFeature>();
    }
}
