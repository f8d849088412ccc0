using System.Text.Json;
using System.Text.Json.Nodes;

namespace OneShot.Tests.Buffers;

public class ArenaBufferWriterJsonTests
{
    private const int Entries = 20_000;

    [Theory]
    [InlineData(ArenaReclamation.Never, 64 << 20)]
    [InlineData(ArenaReclamation.PerRequest, 64 << 20)]
    [InlineData(ArenaReclamation.Generational, 64 << 20)]
    [InlineData(ArenaReclamation.Never, 64 << 10)]
    public void A_large_document_comes_back_as_it_was_written(ArenaReclamation reclamation, long capacity)
    {
        using ProcessArena process = new(new() { Capacity = capacity, Reclamation = reclamation });
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        using (var json = new Utf8JsonWriter(writer))
        {
            Write(json, Entries);
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            Write(json, Entries);
        }

        Assert.True(writer.WrittenSpan.SequenceEqual(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        using JsonDocument document = JsonDocument.Parse(writer.WrittenMemory);
        Assert.Equal(Entries, document.RootElement.GetProperty("entries").GetArrayLength());
        Assert.Equal($"name {Entries - 1} é 😀", document.RootElement.GetProperty("entries")[Entries - 1].GetProperty("name").GetString());
    }

    [Fact]
    public void A_serializer_writes_into_the_arena()
    {
        using ProcessArena process = new();
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter(16);
        var node = new JsonObject { ["a"] = 1, ["b"] = new JsonArray("x", null, true) };
        using (var json = new Utf8JsonWriter(writer))
        {
            node.WriteTo(json);
        }

        Assert.Equal("""{"a":1,"b":["x",null,true]}"""u8, writer.WrittenSpan);
    }

    [Fact]
    public void A_kept_writer_under_a_kept_json_writer_makes_one_object_a_document()
    {
        using ProcessArena process = new(new() { Reclamation = ArenaReclamation.PerRequest });
        using Arena arena = process.CreateArena();
        ArenaBufferWriter writer = arena.CreateWriter();
        using var json = new Utf8JsonWriter(writer);
        Assert.Equal(64, Garbage.Of(() =>
        {
            json.WriteStartObject();
            json.WriteStartArray("numbers"u8);
            for (int number = 0; number < 1000; number++)
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            arena.Reset();
            writer.Reset();
            json.Reset(writer);
        }));
    }

    private static void Write(Utf8JsonWriter json, int entries)
    {
        json.WriteStartObject();
        json.WriteStartArray("entries"u8);
        for (int entry = 0; entry < entries; entry++)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, entry);
            json.WriteString("name", $"name {entry} é 😀");
            json.WriteBoolean("even"u8, entry % 2 == 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
