using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>A place in a YAML document: a mapping, a list or a value. What is not there fails the test and says where it was looked for.</summary>
internal sealed class Yaml
{
    private readonly YamlNode _node;
    private readonly string _path;

    private Yaml(YamlNode node, string path)
    {
        _node = node;
        _path = path;
    }

    internal Yaml this[string key] => Has(key)
        ? new Yaml(((YamlMappingNode)_node).Children[key], $"{_path}.{key}")
        : throw new Xunit.Sdk.XunitException($"There is no {_path}.{key}.");

    internal string Text => ((YamlScalarNode)_node).Value!;

    internal int Number => int.Parse(Text, CultureInfo.InvariantCulture);

    internal IEnumerable<Yaml> Items => ((YamlSequenceNode)_node).Children.Select((item, index) => new Yaml(item, $"{_path}[{index}]"));

    internal IEnumerable<(string Key, Yaml Value)> Entries =>
        ((YamlMappingNode)_node).Children.Select(entry => (((YamlScalarNode)entry.Key).Value!, new Yaml(entry.Value, $"{_path}.{entry.Key}")));

    internal static IReadOnlyList<Yaml> Documents(string text)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(text);
        stream.Load(reader);
        return [.. stream.Documents.Select(document => new Yaml(document.RootNode, "$"))];
    }

    internal bool Has(string key) => _node is YamlMappingNode mapping && mapping.Children.ContainsKey(key);
}
