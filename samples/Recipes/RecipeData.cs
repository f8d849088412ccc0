using System.Text.Json.Serialization;

namespace Recipes;

public sealed record Order(int Id, string Item, int Quantity);

public sealed record Receipt(int Id, int Quantity);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Receipt))]
public sealed partial class RecipeJson : JsonSerializerContext;

/// <summary>Where log lines go.</summary>
public static class RecipeLog
{
    public static Stream Output { get; set; } = Stream.Null;
}
