using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>
/// A content type, and whether it is JSON. Whatever the characters: the answer is that of a regular expression of RFC 9110; it does not depend on case, an empty parameter
/// changes nothing, another charset makes it no.
/// </summary>
internal sealed partial class MediaTypeFuzz
{
    [ThreadStatic]
    private static MediaTypeFuzz? s_instance;

    private readonly GuardedMemory _source = new(FuzzTarget.LongestInput * sizeof(char));

    /// <exception cref="Violation">A promise was broken.</exception>
    public static void Run(ReadOnlySpan<byte> input)
    {
        MediaTypeFuzz fuzz = s_instance ??= new MediaTypeFuzz();
        string text = Encoding.Latin1.GetString(input);
        ReadOnlySpan<byte> characters = MemoryMarshal.AsBytes(text.AsSpan());
        bool isJson = JsonMediaType.IsJson(MemoryMarshal.Cast<byte, char>(fuzz._source.Place(characters)));
        Violation.Unless(isJson == IsJson(text), "A type is JSON exactly when the grammar says so");
        Violation.Unless(isJson == JsonMediaType.IsJson(MemoryMarshal.Cast<byte, char>(fuzz._source.PlaceAtStart(characters))), "The answer is the same wherever the type lies");
        Violation.Unless(isJson == JsonMediaType.IsJson(text.ToUpperInvariant()), "Case does not matter");
        Violation.Unless(isJson == JsonMediaType.IsJson(text + " ; "), "An empty parameter changes nothing");
        Violation.Unless(!JsonMediaType.IsJson(text + ";charset=latin1"), "In another charset nothing is JSON");
    }

    private static bool IsJson(string text)
    {
        Match match = MediaType().Match(text);
        string type = match.Groups["type"].Value.ToUpperInvariant();
        string subtype = match.Groups["subtype"].Value.ToUpperInvariant();
        return match.Success
            && (subtype.Length > "+JSON".Length ? subtype.EndsWith("+JSON", StringComparison.Ordinal) : type == "APPLICATION" && subtype == "JSON")
            && match.Groups["parameter"].Captures.All(static parameter => !Charset().IsMatch(parameter.Value) || Utf8().IsMatch(parameter.Value));
    }

    [GeneratedRegex("""^[ \t]*(?<type>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)/(?<subtype>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:;[ \t]*(?:(?<parameter>[!#$%&'*+\-.^_`|~0-9A-Za-z]+=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[^"\\]|\\.)*"))[ \t]*)?)*\z""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex MediaType();

    [GeneratedRegex("^charset=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Charset();

    [GeneratedRegex("^charset=(\"utf-8\"|utf-8)\\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Utf8();
}
