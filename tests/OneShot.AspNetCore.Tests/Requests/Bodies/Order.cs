using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneShot.AspNetCore.Tests.Requests.Bodies;

internal sealed record Order(int Id, string? Name, int[]? Lines = null);

internal struct Point
{
    public int X { get; set; }

    public int Y { get; set; }
}

/// <summary>A value that fails in the middle of being written.</summary>
[JsonConverter(typeof(FailingConverter))]
internal sealed class Failing;

internal sealed class FailingConverter : JsonConverter<Failing>
{
    public override Failing Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new JsonException();

    public override void Write(Utf8JsonWriter writer, Failing value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        throw new JsonException("half");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Point))]
[JsonSerializable(typeof(Failing))]
internal sealed partial class OrderContext : JsonSerializerContext;

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(Order))]
internal sealed partial class IndentedContext : JsonSerializerContext;
