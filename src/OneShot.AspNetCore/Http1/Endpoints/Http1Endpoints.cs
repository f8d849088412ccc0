using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>The endpoints the front was asked for. Thread-safe: configuration may be reloaded while the server runs.</summary>
internal sealed class Http1Endpoints
{
    // Weak: a reload of the configuration leaves endpoints behind.
    private readonly ConditionalWeakTable<ListenOptions, Http1Endpoint> _endpoints = [];
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
        _endpoints.GetValue(options, static endpoint => new Http1Endpoint(endpoint)).AddPlace();
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
