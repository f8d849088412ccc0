using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>
/// The response's header fields: a small array in the order of their setting, reused from response to response.
/// A linear scan beats a hash table at the dozen fields a response has, and needs no buckets to clear.
/// </summary>
/// <remarks>
/// Names and values are checked when they are set, not when they are written, so that the exception has the
/// application's own line on its stack (response splitting, RFC 9110 section 5.5).
/// </remarks>
internal sealed partial class ResponseHeaderDictionary(Func<string, Encoding?> encodingSelector) : IHeaderDictionary
{
    private KeyValuePair<string, StringValues>[] _fields = new KeyValuePair<string, StringValues>[8];
    private int _count;
    private long? _contentLength;

    /// <summary>The fields that decide framing and connection, and the two that the server adds when absent.</summary>
    internal ResponseFields Present { get; private set; }

    public bool IsReadOnly { get; private set; }

    public int Count
    {
        get
        {
            ShowAdded();
            return _count;
        }
    }

    public long? ContentLength
    {
        get => _contentLength;
        set
        {
            if (value is null)
            {
                Remove(HeaderNames.ContentLength);
                return;
            }

            ArgumentOutOfRangeException.ThrowIfNegative(value.Value);
            ThrowIfReadOnly();
            Put(HeaderNames.ContentLength, StringValues.Empty, ResponseFields.ContentLength);
            _contentLength = value;
        }
    }

    /// <summary>
    /// The fields in the order in which they are written. The value of Content-Length may be empty here:
    /// the number is in <see cref="ContentLength"/>, and its string is only made when somebody asks for it.
    /// </summary>
    internal ReadOnlySpan<KeyValuePair<string, StringValues>> Fields => _fields.AsSpan(0, _count);

    internal Func<string, Encoding?> EncodingSelector => encodingSelector;

    public StringValues this[string key]
    {
        get => TryGetValue(key, out StringValues value) ? value : StringValues.Empty;
        set
        {
            if (value.Count == 0)
            {
                Remove(key);
            }
            else
            {
                Set(key, value);
            }
        }
    }

    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => TryGetValue(key, out StringValues value) ? value : throw new KeyNotFoundException($"There is no header '{key}'.");
        set => this[key] = value;
    }

    public ICollection<string> Keys => [.. this.Select(pair => pair.Key)];

    public ICollection<StringValues> Values => [.. this.Select(pair => pair.Value)];

    public void Add(string key, StringValues value)
    {
        ThrowIfReadOnly();
        if (IndexOf(key) >= 0)
        {
            throw new ArgumentException($"The response header '{key}' is already set; use the indexer or Append.", nameof(key));
        }

        if (value.Count > 0)
        {
            Set(key, value);
        }
    }

    public void Add(KeyValuePair<string, StringValues> item) => Add(item.Key, item.Value);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool Contains(KeyValuePair<string, StringValues> item) => TryGetValue(item.Key, out StringValues value) && value == item.Value;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out StringValues value)
    {
        ShowAdded();
        int index = IndexOf(key);
        value = index >= 0 ? ValueAt(index) : default;
        return index >= 0;
    }

    public bool Remove(string key)
    {
        ThrowIfReadOnly();
        int index = IndexOf(key);
        if (index < 0)
        {
            return false;
        }

        ResponseFields kind = ResponseFieldNames.Classify(_fields[index].Key);
        Present &= ~kind;
        if (kind == ResponseFields.ContentLength)
        {
            _contentLength = null;
        }

        _count--;
        Array.Copy(_fields, index + 1, _fields, index, _count - index);
        _fields[_count] = default;
        return true;
    }

    public bool Remove(KeyValuePair<string, StringValues> item) => Contains(item) && Remove(item.Key);

    public void Clear()
    {
        ThrowIfReadOnly();
        if (_count > 0)
        {
            Array.Clear(_fields, 0, _count);
            _count = 0;
        }

        Present = ResponseFields.None;
        _contentLength = null;
    }

    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex)
    {
        foreach (KeyValuePair<string, StringValues> field in this)
        {
            array[arrayIndex++] = field;
        }
    }

    /// <remarks>Fields may be removed meanwhile, as from a <see cref="Dictionary{TKey, TValue}"/>; those that are added are not visited.</remarks>
    public IEnumerator<KeyValuePair<string, StringValues>> GetEnumerator()
    {
        ShowAdded();
        KeyValuePair<string, StringValues>[] fields = _fields[.._count];
        for (int i = 0; i < fields.Length; i++)
        {
            string name = fields[i].Key;
            int index = i < _count && ReferenceEquals(_fields[i].Key, name) ? i : IndexOf(name);
            if (index >= 0)
            {
                yield return new KeyValuePair<string, StringValues>(name, ValueAt(index));
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>From the first byte on the wire no field can be changed any more.</summary>
    internal void Freeze() => IsReadOnly = true;

    /// <summary>Ready for the next response.</summary>
    internal void Reset()
    {
        IsReadOnly = false;
        _added = ResponseFields.None;
        Clear();
    }

    private void Set(string key, StringValues value)
    {
        ThrowIfReadOnly();
        HeaderRules.ThrowIfInvalidName(key);
        HeaderRules.ThrowIfInvalidValue(key, value, encodingSelector);

        ResponseFields kind = ResponseFieldNames.Classify(key);
        long? contentLength = kind == ResponseFields.ContentLength ? HeaderRules.ParseContentLength(value) : _contentLength;
        Put(key, value, kind);
        _contentLength = contentLength;
    }

    private void Put(string key, StringValues value, ResponseFields kind)
    {
        int index = IndexOf(key);
        if (index < 0)
        {
            if (_count == _fields.Length)
            {
                Array.Resize(ref _fields, _count * 2);
            }

            index = _count++;
        }

        _fields[index] = new KeyValuePair<string, StringValues>(key, value);
        Present |= kind;
    }

    private StringValues ValueAt(int index)
    {
        ref KeyValuePair<string, StringValues> field = ref _fields[index];
        if (field.Value.Count == 0 && _contentLength is { } length)
        {
            field = new KeyValuePair<string, StringValues>(field.Key, length.ToString(CultureInfo.InvariantCulture));
        }

        return field.Value;
    }

    private int IndexOf(string key)
    {
        KeyValuePair<string, StringValues>[] fields = _fields;
        for (int i = 0; i < _count && i < fields.Length; i++)
        {
            string candidate = fields[i].Key;
            if (ReferenceEquals(candidate, key)
                || (candidate.Length == key.Length && candidate.Equals(key, StringComparison.OrdinalIgnoreCase)))
            {
                return i;
            }
        }

        return -1;
    }

    private void ThrowIfReadOnly()
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException("Headers are read-only, response has already started.");
        }
    }
}
