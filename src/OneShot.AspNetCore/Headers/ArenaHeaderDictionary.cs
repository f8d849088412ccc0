using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// The request headers as the framework knows them, over a <see cref="HeaderTable"/>: a string is made when it is asked for, and once.
/// What middleware changes lies over the table; the table itself never changes.
/// </summary>
/// <remarks>
/// Behaves as <see cref="HeaderDictionary"/> does. One per connection, not thread-safe. When its request is over, every member refuses
/// with an <see cref="ObjectDisposedException"/>; a look that meets the end is right or refuses.
/// </remarks>
/// <param name="table">The connection's table.</param>
/// <param name="decoder">Makes strings of values.</param>
/// <param name="strings">Where short strings are shared; null when the server's <c>DisableStringReuse</c> is set, and no string is used twice.</param>
internal sealed partial class ArenaHeaderDictionary(HeaderTable table, HeaderDecoder decoder, HeaderStringCache? strings) : IHeaderDictionary
{
    private readonly Dictionary<string, Change> _changes = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            int version = table.Version;
            int count = CountNames(version);
            foreach ((string name, Change change) in _changes)
            {
                bool inTable = IsInTable(version, name);
                count += change.IsRemoval ? (inTable ? -1 : 0) : (inTable ? 0 : 1);
            }

            return count;
        }
    }

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <inheritdoc/>
    public long? ContentLength
    {
        get
        {
            StringValues values = this[HeaderNames.ContentLength];
            return values.Count == 1
                && !string.IsNullOrEmpty(values[0])
                && HeaderUtilities.TryParseNonNegativeInt64(new StringSegment(values[0]).Trim(), out long length)
                ? length
                : null;
        }

        set
        {
            if (value.HasValue)
            {
                this[HeaderNames.ContentLength] = HeaderUtilities.FormatNonNegativeInt64(value.GetValueOrDefault());
            }
            else
            {
                Remove(HeaderNames.ContentLength);
            }
        }
    }

    /// <inheritdoc/>
    public ICollection<string> Keys
    {
        get
        {
            var keys = new List<string>();
            foreach ((string name, _) in this)
            {
                keys.Add(name);
            }

            return keys;
        }
    }

    /// <inheritdoc/>
    public ICollection<StringValues> Values
    {
        get
        {
            var values = new List<StringValues>();
            foreach ((_, StringValues value) in this)
            {
                values.Add(value);
            }

            return values;
        }
    }

    /// <inheritdoc/>
    [AllowNull]
    public StringValues this[string key]
    {
        get => TryGetValue(key, out StringValues value) ? value : StringValues.Empty;
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            if (value.Count == 0)
            {
                Remove(key);
            }
            else
            {
                _ = table.Version; // refuses when the request is over
                _changes[key] = new Change(value, IsRemoval: false);
            }
        }
    }

    /// <inheritdoc/>
    StringValues IDictionary<string, StringValues>.this[string key]
    {
        get => TryGetValue(key, out StringValues value) ? value : throw new KeyNotFoundException($"There is no header '{key}'.");
        set => this[key] = value;
    }

    /// <inheritdoc/>
    public bool TryGetValue(string key, out StringValues value)
    {
        ArgumentNullException.ThrowIfNull(key);
        int version = table.Version;
        if (_changes.Count != 0 && _changes.TryGetValue(key, out Change change))
        {
            value = change.Value;
            return !change.IsRemoval;
        }

        while (true)
        {
            HeaderTable.Lines lines = table.Read(version);
            try
            {
                int index = IndexOf(lines, key);
                StringValues found = index < 0 ? StringValues.Empty : ValuesFrom(lines, index);
                if (lines.IsCurrent)
                {
                    value = found;
                    return index >= 0;
                }
            }
#pragma warning disable CA1031 // Whatever bytes of another request can bring about; the next look says that this one is over.
            catch (Exception) when (!lines.IsCurrent)
#pragma warning restore CA1031
            {
            }
        }
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        int version = table.Version;
        return _changes.Count != 0 && _changes.TryGetValue(key, out Change change) ? !change.IsRemoval : IsInTable(version, key);
    }

    /// <inheritdoc/>
    public void Add(string key, StringValues value)
    {
        if (ContainsKey(key))
        {
            throw new ArgumentException($"There is a header '{key}' already.", nameof(key));
        }

        _changes[key] = new Change(value, IsRemoval: false);
    }

    /// <inheritdoc/>
    public bool Remove(string key)
    {
        if (!ContainsKey(key))
        {
            return false;
        }

        if (IsInTable(table.Version, key))
        {
            _changes[key] = Change.Removal;
        }
        else
        {
            _changes.Remove(key);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        int version = table.Version;
        _changes.Clear();
        for (int i = 0; TryGetLine(version, i, out string? name, out _, withValues: false); i++)
        {
            if (name is not null)
            {
                _changes[name] = Change.Removal;
            }
        }
    }

    /// <inheritdoc/>
    public void Add(KeyValuePair<string, StringValues> item) => Add(item.Key, item.Value);

    /// <inheritdoc/>
    public bool Contains(KeyValuePair<string, StringValues> item)
        => TryGetValue(item.Key, out StringValues value) && StringValues.Equals(value, item.Value);

    /// <inheritdoc/>
    public bool Remove(KeyValuePair<string, StringValues> item) => Contains(item) && Remove(item.Key);

    /// <inheritdoc/>
    public void CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex)
    {
        ArgumentNullException.ThrowIfNull(array);
        foreach (KeyValuePair<string, StringValues> item in this)
        {
            array[arrayIndex++] = item;
        }
    }

    /// <summary>In wire order, each name once with all its values; what was added comes last.</summary>
    public IEnumerator<KeyValuePair<string, StringValues>> GetEnumerator()
    {
        int version = table.Version;
        for (int i = 0; TryGetLine(version, i, out string? name, out StringValues values, withValues: true); i++)
        {
            if (name is null)
            {
                continue;
            }

            if (!_changes.TryGetValue(name, out Change change))
            {
                yield return new(name, values);
            }
            else if (!change.IsRemoval)
            {
                yield return new(name, change.Value);
            }
        }

        foreach ((string name, Change change) in _changes)
        {
            if (!change.IsRemoval && !IsInTable(version, name))
            {
                yield return new(name, change.Value);
            }
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Forgets the request's strings and changes. The table has its own <see cref="HeaderTable.Clear"/>.</summary>
    public void Reset()
    {
        if (_changes.Count != 0)
        {
            _changes.Clear();
        }

        ForgetStrings();
    }

    private int CountNames(int version)
    {
        while (true)
        {
            HeaderTable.Lines lines = table.Read(version);
            int count = 0;
            for (int i = 0; i < lines.Count; i++)
            {
                count += IsFirstOfItsName(lines, i) ? 1 : 0;
            }

            if (lines.IsCurrent)
            {
                return count;
            }
        }
    }

    private bool IsInTable(int version, string name)
    {
        while (true)
        {
            HeaderTable.Lines lines = table.Read(version);
            bool isIn = IndexOf(lines, name) >= 0;
            if (lines.IsCurrent)
            {
                return isIn;
            }
        }
    }

    /// <summary>For those who walk the lines one by one.</summary>
    /// <param name="version">The request's whose lines they are.</param>
    /// <param name="index">The line.</param>
    /// <param name="name">Its name, or null if an earlier line has the same.</param>
    /// <param name="values">All values of that name, if they are asked for.</param>
    /// <param name="withValues">Whether they are.</param>
    /// <returns>Whether there is such a line.</returns>
    private bool TryGetLine(int version, int index, out string? name, out StringValues values, bool withValues)
    {
        while (true)
        {
            HeaderTable.Lines lines = table.Read(version);
            name = null;
            values = StringValues.Empty;
            try
            {
                bool exists = index < lines.Count;
                if (exists && IsFirstOfItsName(lines, index))
                {
                    name = NameAt(lines, index);
                    values = withValues ? ValuesFrom(lines, index) : values;
                }

                if (lines.IsCurrent)
                {
                    return exists;
                }
            }
#pragma warning disable CA1031 // As in TryGetValue.
            catch (Exception) when (!lines.IsCurrent)
#pragma warning restore CA1031
            {
            }
        }
    }

    private readonly record struct Change(StringValues Value, bool IsRemoval)
    {
        public static readonly Change Removal = new(StringValues.Empty, IsRemoval: true);
    }
}
