using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace OneShot.Differential.Tests.Application;

/// <summary>What an application saw of a request, as JSON: all of it that a middleware could base a decision on.</summary>
internal sealed class SeenRequest
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpContext _context;
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly List<string> _notes = [];

    public SeenRequest(HttpContext context)
    {
        _context = context;
        HttpRequest request = context.Request;
        Method = request.Method;
        Head = Write(writer =>
        {
            IHttpRequestFeature feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
            writer.WriteString("method", request.Method);
            writer.WriteString("rawTarget", feature.RawTarget);
            writer.WriteString("path", feature.Path);
            writer.WriteString("pathBase", feature.PathBase);
            writer.WriteString("query", feature.QueryString);
            writer.WriteString("protocol", request.Protocol);
            writer.WriteString("scheme", request.Scheme);
            writer.WriteString("host", request.Host.Value);
            writer.WriteString("contentType", request.ContentType);
            writer.WriteString("contentLength", Number(request.ContentLength));
            writer.WriteBoolean("canHaveBody", context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody);
            writer.WriteBoolean("upgradable", context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true);
            WriteFields(writer, "headers", request.Headers);
        });
    }

    internal string Method { get; }

    /// <summary>The head, as a JSON object; of a fixed request, always the same text.</summary>
    internal string Head { get; }

    /// <summary>
    /// The body was left in the middle: Kestrel reads a chunked one ahead on a thread of its own, so that whether its trailers
    /// are there yet is a race that no two runs need end alike.
    /// </summary>
    internal bool IsLeftInTheMiddle { get; set; }

    /// <summary>Keeps bytes of the body that the application has read.</summary>
    internal void TakeBody(ReadOnlySpan<byte> bytes) => _body.Write(bytes);

    /// <summary>Keeps something else that happened.</summary>
    internal void Note(string note) => _notes.Add(note);

    /// <summary>Everything so far.</summary>
    internal string ToJson() => Write(writer =>
    {
        writer.WritePropertyName("head");
        writer.WriteRawValue(Head, skipInputValidation: true);
        writer.WriteNumber("bodyLength", _body.WrittenCount);
        writer.WriteString("body", Describe(_body.WrittenSpan));
        IHttpRequestTrailersFeature? trailers = _context.Features.Get<IHttpRequestTrailersFeature>();
        if (trailers is { Available: true } && !IsLeftInTheMiddle)
        {
            WriteFields(writer, "trailers", trailers.Trailers);
        }

        writer.WriteStartArray("notes");
        _notes.ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
    });

    private static void WriteFields(Utf8JsonWriter writer, string name, IHeaderDictionary fields)
    {
        writer.WriteStartObject(name);
        foreach ((string key, StringValues values) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            writer.WriteStartArray(key);
            foreach (string? value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static string Describe(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= 512 ? Encoding.Latin1.GetString(bytes) : Convert.ToHexString(SHA256.HashData(bytes));

    private static string? Number(long? value) => value?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
