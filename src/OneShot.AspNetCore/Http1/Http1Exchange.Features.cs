using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The feature collection. Most features are the exchange itself, found by a cast; what middleware sets stands in a small array
/// that wins over them; a miss, and a null that was set, asks the connection.
/// </summary>
internal abstract partial class Http1Exchange : IFeatureCollection
{
    private KeyValuePair<Type, object?>[] _extras = new KeyValuePair<Type, object?>[12];
    private int _extraCount;
    private int _revision;

    public bool IsReadOnly => false;

    public int Revision => _revision;

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            if (IndexOfExtra(key) is >= 0 and var index)
            {
                return _extras[index].Value ?? _connection.Transport.Features[key];
            }

            return key.IsInstanceOfType(this) && key.IsInterface ? this : _connection.Transport.Features[key];
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
            return (TFeature?)_extras[index].Value ?? _connection.Transport.Features.Get<TFeature>();
        }

        return this is TFeature self ? self : _connection.Transport.Features.Get<TFeature>();
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

        foreach (Type feature in s_ownFeatures)
        {
            if (seen.Add(feature))
            {
                yield return new KeyValuePair<Type, object>(feature, this);
            }
        }

        foreach (KeyValuePair<Type, object> feature in _connection.Transport.Features)
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
        Array.Clear(_extras, 0, _extraCount);
        _extraCount = 0;
        _revision++;
    }

    private void SetExtra(Type key, object? value)
    {
        _revision++;
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
