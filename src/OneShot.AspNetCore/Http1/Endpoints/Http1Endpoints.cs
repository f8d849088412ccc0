using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>The endpoints the front was asked for. Thread-safe: configuration may be reloaded while the server runs.</summary>
internal sealed class Http1Endpoints
{
    // Weak: a reload of the configuration leaves endpoints behind.
    private readonly ConditionalWeakTable<ListenOptions, Http1Endpoint> _endpoints = [];
    private readonly List<WeakReference<ListenOptions>> _served = [];
    private int _count;

    /// <summary>How often the front was asked for.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>The front was asked for on all endpoints, by the form for the web host.</summary>
    internal bool IsForAll { get; set; }

    /// <summary>The server has been started through <see cref="Http1Server"/>, so that the front knows the application.</summary>
    internal bool IsStarted { get; private set; }

    /// <summary>The server that was found in Kestrel's place, and left as it is.</summary>
    internal Type? ForeignServer { get; set; }

    internal void Add(ListenOptions options)
    {
        Interlocked.Increment(ref _count);
        _endpoints.GetValue(options, endpoint => new Http1Endpoint(endpoint, NoteServed)).AddPlace();
    }

    /// <summary>The endpoints whose HTTP/1.1 the front serves, as Kestrel writes them: with the port that was bound, once it is.</summary>
    internal IReadOnlyList<string> Served()
    {
        lock (_served)
        {
            return [.. _served.Select(static endpoint => endpoint.TryGetTarget(out ListenOptions? options) ? options.ToString() : null).OfType<string>().Distinct()];
        }
    }

    private void NoteServed(ListenOptions options)
    {
        lock (_served)
        {
            _served.RemoveAll(static endpoint => !endpoint.TryGetTarget(out _));
            _served.Add(new WeakReference<ListenOptions>(options));
        }
    }

    /// <summary>
    /// The server starts: what the application's code says of its endpoints has been said, and what is added now stands behind it,
    /// right before Kestrel's HTTP. Endpoints from addresses and from configuration are made later, by Kestrel.
    /// </summary>
    internal void AddLastPlaces()
    {
        IsStarted = true;
        foreach ((_, Http1Endpoint endpoint) in _endpoints)
        {
            endpoint.AddLastPlace();
        }
    }
}
