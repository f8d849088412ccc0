using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace OneShot.AspNetCore.Requests;

/// <summary>A JSON writer into an arena, kept by its thread: what a document costs is the object that <see cref="ArenaBufferWriter.GetMemory"/> may allocate.</summary>
/// <remarks>Who is inside one already, such as a converter that writes an answer itself, gets another.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The writer holds nothing but the arena's memory, and lives as long as its thread.")]
internal sealed class JsonWriters
{
    /// <summary>What <see cref="JsonSerializerOptions.MaxDepth"/> means by 0.</summary>
    private const int DefaultDepth = 64;

    [ThreadStatic]
    private static JsonWriters? s_idle;

    private readonly JsonSerializerOptions _options;

    private JsonWriters(JsonSerializerOptions options, RequestArena arena)
    {
        _options = options;
        Buffer = arena.CreateWriter();
        Json = new Utf8JsonWriter(Buffer, new JsonWriterOptions
        {
            Encoder = options.Encoder,
            Indented = options.WriteIndented,
            IndentCharacter = options.IndentCharacter,
            IndentSize = options.IndentSize,
            NewLine = options.NewLine,
            MaxDepth = options.MaxDepth == 0 ? DefaultDepth : options.MaxDepth,
            SkipValidation = true, // as the serializer's own writers do: it writes what is valid
        });
    }

    /// <summary>Where the document is written.</summary>
    public ArenaBufferWriter Buffer { get; }

    /// <summary>What writes it.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>A writer at the beginning of a document. Every call that returns is followed by <see cref="Return"/>.</summary>
    /// <param name="options">How it writes.</param>
    /// <param name="arena">Where.</param>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public static JsonWriters Rent(JsonSerializerOptions options, RequestArena arena)
    {
        if (s_idle is not { } idle || idle._options != options)
        {
            return new JsonWriters(options, arena);
        }

        idle.Buffer.Reset(arena);
        idle.Json.Reset(idle.Buffer);
        s_idle = null;
        return idle;
    }

    /// <summary>Lets go of the arena, and keeps the writer for this thread's next document.</summary>
    public void Return()
    {
        Json.Reset();
        Buffer.Detach();
        s_idle = this;
    }
}
