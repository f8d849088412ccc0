using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>What a head says, as strings with one character a byte.</summary>
internal sealed record HeadContents(string Method, string Target, HttpVersion Version, IReadOnlyList<(string Name, string Value)> Lines)
{
    public static HeadContents Of(in RequestLine line, HeaderTable table)
    {
        var lines = new (string, string)[table.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            lines[i] = (Encoding.Latin1.GetString(table.NameAt(i)), Encoding.Latin1.GetString(table.ValueAt(i)));
        }

        return new HeadContents(Encoding.Latin1.GetString(line.MethodOf(table.Head)), Encoding.Latin1.GetString(line.TargetOf(table.Head)), line.Version, lines);
    }

    public IEnumerable<string> ValuesOf(string name) =>
        Lines.Where(line => line.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(line => line.Value);

    /// <summary>The elements of a list header, over all its lines, empty ones included.</summary>
    public IEnumerable<string> ElementsOf(string name) => ValuesOf(name).SelectMany(value => value.Split(',')).Select(element => element.Trim(' ', '\t'));

    /// <summary>The shortest head that says this.</summary>
    public string ToHead()
    {
        var text = new StringBuilder();
        text.Append(Method).Append(' ').Append(Target).Append(Version == HttpVersion.Http11 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
        foreach ((string name, string value) in Lines)
        {
            text.Append(name).Append(':').Append(value).Append("\r\n");
        }

        return text.Append("\r\n").ToString();
    }

    public bool Equals(HeadContents? other) =>
        other is not null && Method == other.Method && Target == other.Target && Version == other.Version && Lines.SequenceEqual(other.Lines);

    public override int GetHashCode() => HashCode.Combine(Method, Target, Version, Lines.Count);
}
