using System.Text;
using System.Text.RegularExpressions;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>
/// A Cookie field. Whatever the bytes: its pairs are those parts between semicolons that a regular expression of RFC 6265 matches; and what was read, joined
/// as a browser joins it, is read the same.
/// </summary>
internal sealed partial class CookieFuzz
{
    [ThreadStatic]
    private static CookieFuzz? s_instance;

    private readonly GuardedMemory _source = new(FuzzTarget.LongestInput);

    /// <exception cref="Violation">A promise was broken.</exception>
    public static void Run(ReadOnlySpan<byte> input)
    {
        CookieFuzz fuzz = s_instance ??= new CookieFuzz();
        string text = Encoding.Latin1.GetString(input);
        List<string> expected = [.. text.Split(';').Select(static part => part.Trim(' ', '\t')).Where(static part => Pair().IsMatch(part))];
        Violation.Unless(Pairs(fuzz._source.Place(input)).SequenceEqual(expected), "The pairs are those that the grammar has");
        Violation.Unless(Pairs(fuzz._source.PlaceAtStart(input)).SequenceEqual(expected), "The pairs are the same wherever the field lies");
        Violation.Unless(Pairs(Encoding.Latin1.GetBytes(string.Join("; ", expected))).SequenceEqual(expected), "What was read is read the same again");
    }

    private static List<string> Pairs(ReadOnlySpan<byte> field)
    {
        var pairs = new List<string>();
        int left = field.Length;
        while (CookieSyntax.TryTake(ref field, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            Violation.Unless(field.Length < left, "A pair that is taken is gone");
            left = field.Length;
            pairs.Add($"{Encoding.Latin1.GetString(name)}={Encoding.Latin1.GetString(value)}");
        }

        Violation.Unless(field.IsEmpty, "Nothing is left behind the last pair");
        return pairs;
    }

    // cookie-name is a token; cookie-value is of cookie-octets: %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E, in double quotes or not.
    [GeneratedRegex("""^[!#$%&'*+\-.^_`|~0-9A-Za-z]+=(?:"[!#-+\x2D-:<-\[\]-~]*"|[!#-+\x2D-:<-\[\]-~]*)\z""")]
    private static partial Regex Pair();
}
