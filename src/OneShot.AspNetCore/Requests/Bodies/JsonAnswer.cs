using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>Answers with a value as JSON. The document is written into the arena first, so that its length is known when the head goes out.</summary>
internal static class JsonAnswer
{
    private const string ContentType = "application/json; charset=utf-8";

    public static ValueTask WriteAsync<T>(HttpContext context, RequestArena arena, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        HttpResponse response = context.Response;
        if (response.HasStarted)
        {
            throw new InvalidOperationException("The response has started: its length can no longer be set. Write the JSON to its body instead.");
        }

        ReadOnlyMemory<byte> document = Serialize(arena, value, type);
        response.ContentType ??= ContentType;
        response.ContentLength = document.Length;
        ValueTask<FlushResult> written = response.BodyWriter.WriteAsync(document, cancellationToken);
        if (!written.IsCompletedSuccessfully)
        {
            return AwaitAsync(written);
        }

        _ = written.Result;
        return default;
    }

    private static ReadOnlyMemory<byte> Serialize<T>(RequestArena arena, T value, JsonTypeInfo<T> type)
    {
        JsonWriters writers = JsonWriters.Rent(type.Options, arena);
        try
        {
            JsonSerializer.Serialize(writers.Json, value, type);
            writers.Json.Flush();
            return writers.Buffer.WrittenMemory;
        }
        finally
        {
            writers.Return();
        }
    }

    private static async ValueTask AwaitAsync(ValueTask<FlushResult> written) => await written;
}
