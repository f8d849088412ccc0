using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.ObjectPool;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The arena of a context that did not come down the pipeline: a copy that carries the services of a scope made for it, such as that
/// which SignalR keeps of a long-polling connection. It lives as long as the scope.
/// </summary>
internal sealed class ScopedRequestArena(RequestArenaPool arenas) : IDisposable
{
    private static readonly ObjectPool<HeaderTable> s_tables = new DefaultObjectPool<HeaderTable>(new DefaultPooledObjectPolicy<HeaderTable>());

    private readonly Lock _lock = new();
    private readonly List<RequestArenaFeature> _features = [];
    private bool _isDisposed;

    internal IRequestArenaFeature Attach(HttpContext context)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (context.Features.Get<IRequestArenaFeature>() is { } attached)
            {
                return attached; // by another thread, just now
            }

            RequestArenaFeature feature = new(context, arenas, s_tables);
            _features.Add(feature);
            context.Features.Set<IRequestArenaFeature>(feature);
            return feature;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (RequestArenaFeature feature in _features)
            {
                feature.End();
            }

            _features.Clear();
        }
    }
}
