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

    /// <summary>The description of a request that an answer's body holds, perhaps behind a word that went out before; null when there is none.</summary>
    internal static string? DescriptionIn(string body)
    {
        string text = body.StartsWith("early;", StringComparison.Ordinal) ? body[6..] : body;
        return text.StartsWith("{\"head\":", StringComparison.Ordinal) && text.EndsWith('}') ? text : null;
    }

    private static void Walk(string path, JsonElement left, JsonElement right, List<(string Path, string Stock, string Front)> differences)
    {
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            foreach (string name in Names(left).Union(Names(right), StringComparer.OrdinalIgnoreCase))
            {
                (string stockName, JsonElement stockMember) = Member(left, name);
                (string frontName, JsonElement frontMember) = Member(right, name);
                if (stockName != frontName && stockName.Length == frontName.Length)
                {
                    differences.Add(($"{path} name", stockName, frontName));
                }

                Walk($"{path} {name}", stockMember, frontMember, differences);
            }
        }
        else if (Text(left) is var stock && Text(right) is var front && stock != front)
        {
            differences.Add((path, stock, front));
        }
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    private static (string Name, JsonElement Value) Member(JsonElement element, string name)
    {
        JsonProperty member = element.EnumerateObject().FirstOrDefault(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return member.Value.ValueKind == JsonValueKind.Undefined ? ("", default) : (member.Name, member.Value);
    }

    private static string Text(JsonElement element) => element.ValueKind == JsonValueKind.Undefined ? Nothing : element.GetRawText();
}
