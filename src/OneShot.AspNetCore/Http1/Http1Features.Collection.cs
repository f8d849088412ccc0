using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The feature collection. Most features are the collection itself, found by a cast; what middleware sets stands in a small array
/// that wins over them; what the framework's contexts make on first use has a place of its own each; a miss, and a null that was set,
/// asks the connection.
/// </summary>
/// <remarks>
/// Not for two threads, as on Kestrel. But code that a request has left running reads <c>Request.Query</c> and the like through a
/// context it has kept, which sets a feature under the connection's next request: in a place of its own that harms no other feature.
/// </remarks>
internal abstract partial class Http1Features : IFeatureCollection, IRequestArenaSource
{
    private static readonly Type[] s_placed =
    [
        typeof(IItemsFeature),
        typeof(IServiceProvidersFeature),
        typeof(IQueryFeature),
        typeof(IRequestCookiesFeature),
        typeof(IResponseCookiesFeature),
        typeof(IFormFeature),
        typeof(IHttpAuthenticationFeature),
        typeof(ISessionFeature),
        typeof(IHttpActivityFeature),
    ];

    /// <summary>The features that the collection itself is; what an enumeration of the collection lists.</summary>
    private static readonly Type[] s_ownFeatures =
    [
        typeof(IHttpRequestFeature),
        typeof(IHttpRequestBodyDetectionFeature),
        typeof(IHttpRequestIdentifierFeature),
        typeof(IHttpRequestLifetimeFeature),
        typeof(IHttpRequestTrailersFeature),
        typeof(IRequestBodyPipeFeature),
        typeof(IHttpResponseFeature),
        typeof(IHttpResponseBodyFeature),
        typeof(IHttpConnectionFeature),
        typeof(IHttpBodyControlFeature),
        typeof(IHttpMaxRequestBodySizeFeature),
        typeof(IHttpMinRequestBodyDataRateFeature),
        typeof(IHttpMinResponseDataRateFeature),
        typeof(IHttpUpgradeFeature),
        typeof(IHttpExtendedConnectFeature),
#pragma warning disable CA2252 // see Http1Features.cs
        typeof(IHttpWebTransportFeature),
#pragma warning restore CA2252
        typeof(IPersistentStateFeature),
        typeof(IBadRequestExceptionFeature),
        typeof(IEndpointFeature),
        typeof(IRouteValuesFeature),
        typeof(IRequestArenaFeature),
    ];

    private readonly object?[] _placed = new object?[s_placed.Length];
    private bool _isAnyPlaced;
    private KeyValuePair<Type, object?>[] _extras = new KeyValuePair<Type, object?>[8];
    private int _extraCount;
    private int _revision;

    IRequestArenaFeature? IRequestArenaSource.ArenaFeature =>
        IndexOfExtra(typeof(IRequestArenaFeature)) < 0 ? this : Get<IRequestArenaFeature>();

    public bool IsReadOnly => false;

    public int Revision => _revision;

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            object? found = IndexOfExtra(key) is >= 0 and var index ? _extras[index].Value
                : key.IsInstanceOfType(this) && key.IsInterface ? this
                : PlaceOf(key) is >= 0 and var place ? _placed[place]
                : null;
            return key.IsInstanceOfType(found) ? found : _connection.Features[key];
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            SetExtra(key, value);
        }
    }

    public TFeature? Get<TFeature>()
    {
        if (IndexOfExtra(typeof(TFeature)) is >= 0 and var index)
        {
            // Another thread's set may have come between: then it is not there, and never one of another type.
            return _extras[index].Value is TFeature extra ? extra : _connection.Features.Get<TFeature>();
        }

        if (IsAskedByAll(typeof(TFeature)))
        {
            Debug.Assert(this is TFeature);
            IFeatureCollection me = this;
            return Unsafe.As<IFeatureCollection, TFeature>(ref me); // it is one, and to find that out by a cast takes as long as all the rest
        }

        if (this is TFeature self)
        {
            return self;
        }

        return PlaceOf(typeof(TFeature)) is >= 0 and var place && _placed[place] is TFeature placed
            ? placed
            : _connection.Features.Get<TFeature>();
    }

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        var seen = new HashSet<Type>();
        for (int i = 0; i < _extraCount; i++)
        {
            (Type key, object? value) = _extras[i];
            seen.Add(key);
            if (value is not null)
            {
                yield return new KeyValuePair<Type, object>(key, value);
            }
        }

        for (int i = 0; i < s_placed.Length; i++)
        {
            if (_placed[i] is { } value && seen.Add(s_placed[i]))
            {
                yield return new KeyValuePair<Type, object>(s_placed[i], value);
            }
        }

        foreach (Type feature in s_ownFeatures)
        {
            if (seen.Add(feature))
            {
                yield return new KeyValuePair<Type, object>(feature, this);
            }
        }

        foreach (KeyValuePair<Type, object> feature in _connection.Features)
        {
            if (seen.Add(feature.Key))
            {
                yield return feature;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>At both ends of an exchange: what a straggler sets in between is not the next one's.</summary>
    private void ClearExtras()
    {
        if (_extraCount > 0)
        {
            Array.Clear(_extras, 0, _extraCount);
            _extraCount = 0;
        }

        if (_isAnyPlaced)
        {
            _isAnyPlaced = false;
            Array.Clear(_placed);
        }

        _revision++;
    }

    private void SetExtra(Type key, object? value)
    {
        _revision++;
        if (PlaceOf(key) is >= 0 and var place)
        {
            _isAnyPlaced = true;
            _placed[place] = value;
            return;
        }

        int index = IndexOfExtra(key);
        if (index < 0)
        {
            if (_extraCount == _extras.Length)
            {
                Array.Resize(ref _extras, _extraCount * 2);
            }

            index = _extraCount++;
        }

        _extras[index] = new KeyValuePair<Type, object?>(key, value);
    }

    /// <summary>One of the features that the framework's contexts fetch for every request. This object is each of them.</summary>
    private static bool IsAskedByAll(Type key) =>
        ReferenceEquals(key, typeof(IHttpRequestFeature))
        || ReferenceEquals(key, typeof(IHttpResponseFeature))
        || ReferenceEquals(key, typeof(IHttpResponseBodyFeature));

    private static int PlaceOf(Type key)
    {
        Type[] placed = s_placed;
        for (int i = 0; i < placed.Length; i++)
        {
            if (ReferenceEquals(placed[i], key))
            {
                return i;
            }
        }

        return -1;
    }

    private int IndexOfExtra(Type key)
    {
        KeyValuePair<Type, object?>[] extras = _extras;
        for (int i = 0; i < _extraCount && i < extras.Length; i++)
        {
            if (ReferenceEquals(extras[i].Key, key))
            {
                return i;
            }
        }

        return -1;
    }
}
