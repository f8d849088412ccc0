using System.Text.Json;

namespace OneShot.Differential.Tests.Comparison;

/// <summary>Finds in which fields two descriptions of a request differ.</summary>
internal static class SeenComparer
{
    private const string Nothing = "(nothing)";

    /// <summary>The paths at which two JSON texts differ, with both values; the root when one of them is no description.</summary>
    internal static IEnumerable<(string Path, string Stock, string Front)> Compare(string? stock, string? front)
    {
        if (stock == front)
        {
            return [];
        }

        if (stock is null || front is null || stock[0] != '{' || front[0] != '{')
        {
            return [("", stock ?? Nothing, front ?? Nothing)];
        }

        using JsonDocument left = JsonDocument.Parse(stock);
        using JsonDocument right = JsonDocument.Parse(front);
        List<(string Path, string Stock, string Front)> differences = [];
        Walk("", left.RootElement, right.RootElement, differences);
        return differences;
    }

    /// <summary>Whether a text is a description of a request, such as the application sends back.</summary>
    internal static bool IsDescription(string text) => text.StartsWith("{\"head\":", StringComparison.Ordinal) && text.EndsWith('}');

    private static void Walk(string path, JsonElement left, JsonElement right, List<(string Path, string Stock, string Front)> differences)
    {
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            foreach (string name in Names(left).Union(Names(right)))
            {
                Walk($"{path} {name}", Member(left, name), Member(right, name), differences);
            }
        }
        else if (Text(left) is var stock && Text(right) is var front && stock != front)
        {
            differences.Add((path, stock, front));
        }
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    private static JsonElement Member(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement member) ? member : default;

    private static string Text(JsonElement element) => element.ValueKind == JsonValueKind.Undefined ? Nothing : element.GetRawText();
}
