using System.Text;
using System.Text.RegularExpressions;

namespace OneShot.Differential.Tests.Comparison;

/// <summary>
/// What was sent over a connection, as plain questions: a rule that excuses a refusal must find its cause in the bytes by itself.
/// Deliberately simple and apart from any parser; bytes count as Latin-1 characters.
/// </summary>
internal sealed class InputBytes(byte[] bytes)
{
    private readonly string _text = Encoding.Latin1.GetString(bytes);
    private List<string>? _lines;

    internal int Length => bytes.Length;

    /// <summary>Everything between line ends of either kind.</summary>
    internal IEnumerable<string> Lines => _lines ??= [.. _text.Split('\n').Select(line => line.TrimEnd('\r'))];

    internal bool HasBareLineFeed => Matches("(?<!\r)\n");

    internal bool HasBareCarriageReturn => Matches("\r(?!\n)");

    internal bool Contains(string text) => _text.Contains(text, StringComparison.OrdinalIgnoreCase);

    internal bool Matches(string pattern) => Regex.IsMatch(_text, pattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    internal bool AnyLine(string pattern) => Lines.Any(line => Regex.IsMatch(line, pattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase));

    /// <summary>A field line whose value matches.</summary>
    internal bool AnyField(string name, string valuePattern) => AnyLine($"^{name}[ \t]*:[ \t]*{valuePattern}[ \t]*$");
}
