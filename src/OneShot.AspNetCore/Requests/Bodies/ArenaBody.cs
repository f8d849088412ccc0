using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// A request's body, whole and contiguous in the request's arena. The value is a handle; copies of it are the same bytes, and it may
/// cross an <see langword="await"/>. <see langword="default"/> is a body without bytes.
/// </summary>
/// <remarks>
/// Valid until the request ends, or leaves its arena before (<see cref="IRequestArenaFeature.ReleaseArena"/>): from then on the bytes are refused with an
/// <see cref="ObjectDisposedException"/>. Any number of threads may read it while the request runs. A body without bytes holds no memory, and refuses nothing.
/// </remarks>
public readonly struct ArenaBody
{
    private readonly RequestArena _arena;
    private readonly UnsafeSlice<byte> _bytes;

    internal ArenaBody(RequestArena arena, UnsafeSlice<byte> bytes)
    {
        _arena = arena;
        _bytes = bytes;
    }

    /// <summary>Bytes of the body.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _bytes.IsEmpty;

    /// <summary>The bytes as they came. The span is valid as long as the body, and is not checked itself.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            if (_bytes.IsEmpty)
            {
                return default;
            }

            ReadOnlySpan<byte> bytes = _bytes.Tracked;
            _ = _arena.Live;
            return bytes;
        }
    }

    /// <summary>A reader over the bytes, without the byte order mark that they may begin with.</summary>
    /// <param name="options">What to tolerate, and how deep.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public Utf8JsonReader CreateJsonReader(JsonReaderOptions options = default) => new(Json, options);

    /// <summary>The value that the body is the JSON of.</summary>
    /// <param name="type">How it is read, such as <c>OrderContext.Default.Order</c> of a source-generated context.</param>
    /// <returns>The value; null where the JSON is <c>null</c>.</returns>
    /// <exception cref="BadHttpRequestException">400: the bytes are no JSON, or not of such a value. A <see cref="JsonException"/> inside says why.</exception>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public T? ReadJson<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            T? value = JsonSerializer.Deserialize(Json, type);
            _ = Span; // converters and setters are the application's: one that ends the request, and waits, has read somebody else's bytes
            return value;
        }
        catch (JsonException exception)
        {
            _ = Span; // its message may quote them
            throw BodyRefusals.NotJson(exception);
        }
    }

    // RFC 8259, section 8.1: a parser may ignore the mark rather than treat it as an error. That of spans treats it as one.
    private ReadOnlySpan<byte> Json
    {
        get
        {
            ReadOnlySpan<byte> bytes = Span;
            return bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
    }
}
