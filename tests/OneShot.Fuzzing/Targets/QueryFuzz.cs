using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>
/// A query. Whatever the bytes: its pairs are those that splitting a string finds, each decodes to what replacing its escapes makes of it, is found by its decoded
/// bytes and by no others, and is read the same when it is encoded anew.
/// </summary>
/// <remarks>An input is a query, and behind a line feed a name to look for.</remarks>
internal sealed partial class QueryFuzz
{
    [ThreadStatic]
    private static QueryFuzz? s_instance;

    private readonly GuardedMemory _source = new(FuzzTarget.LongestInput);
    private readonly GuardedMemory _destination = new(FuzzTarget.LongestInput);

    /// <exception cref="Violation">A promise was broken.</exception>
    public static void Run(ReadOnlySpan<byte> input)
    {
        int lineEnd = input.IndexOf((byte)'\n');
        ReadOnlySpan<byte> query = lineEnd < 0 ? input : input[..lineEnd];
        ReadOnlySpan<byte> sought = lineEnd < 0 ? [] : input[(lineEnd + 1)..];
        QueryFuzz fuzz = s_instance ??= new QueryFuzz();
        fuzz.Check(fuzz._source.Place(query), sought);
        fuzz.Check(fuzz._source.PlaceAtStart(query), sought);
    }

    private void Check(ReadOnlySpan<byte> query, ReadOnlySpan<byte> sought)
    {
        string text = Encoding.Latin1.GetString(query);
        var anew = new StringBuilder();
        ReadOnlySpan<byte> rest = query;
        foreach (string pair in text.Split('&').Where(static pair => pair.Length > 0))
        {
            Violation.Unless(QuerySyntax.TryTake(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value), "There are as many pairs as are joined");
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string expectedName = equals < 0 ? pair : pair[..equals];
            string expectedValue = equals < 0 ? "" : pair[(equals + 1)..];
            Violation.Unless(Encoding.Latin1.GetString(name) == expectedName && Encoding.Latin1.GetString(value) == expectedValue, "A pair is parted by its first equals sign");
            anew.Append(CultureInfo.InvariantCulture, $"&{Encode(CheckDecoding(name, sought))}={Encode(CheckDecoding(value, sought))}");
        }

        Violation.Unless(!QuerySyntax.TryTake(ref rest, out _, out _) && rest.IsEmpty, "There are no more pairs than are joined");
        Violation.Unless(Encoding.Latin1.GetString(query) == text, "What was sent is left as it was");
        Violation.Unless(Pairs(query).SequenceEqual(Pairs(Encoding.Latin1.GetBytes(anew.ToString()))), "What is encoded anew is read the same");
    }

    /// <returns>What the bytes decode to.</returns>
    private byte[] CheckDecoding(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> sought)
    {
        byte[] expected = Decode(Encoding.Latin1.GetString(encoded));
        Span<byte> room = _destination.Reserve(encoded.Length);
        int length = QuerySyntax.Decode(encoded, room);
        Violation.Unless(room[..length].SequenceEqual(expected), "Escapes are bytes, a plus sign is a space, and what is no escape stays");
        Violation.Unless(!QuerySyntax.IsPlain(encoded) || encoded.SequenceEqual(expected), "What is plain is its own decoding");
        Violation.Unless(QuerySyntax.IsSame(encoded, expected), "A name is found by what it decodes to");
        Violation.Unless(QuerySyntax.IsSame(encoded, sought) == sought.SequenceEqual(expected), "A name is found by nothing else");
        Violation.Unless(expected.Length == 0 || !QuerySyntax.IsSame(encoded, expected.AsSpan(1)), "A name is not found by a part of it");
        Violation.Unless(!QuerySyntax.IsSame(encoded, [.. expected, 0]), "A name is not found by more than it");
        return expected;
    }

    private static byte[] Decode(string encoded) => Encoding.Latin1.GetBytes(Escape().Replace(
        encoded.Replace('+', ' '),
        static escape => ((char)byte.Parse(escape.ValueSpan[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString()));

    private static string Encode(byte[] bytes) => string.Concat(bytes.Select(static value => $"%{value:X2}"));

    private static List<string> Pairs(ReadOnlySpan<byte> query)
    {
        var pairs = new List<string>();
        while (QuerySyntax.TryTake(ref query, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            pairs.Add($"{Convert.ToHexString(Decode(Encoding.Latin1.GetString(name)))}={Convert.ToHexString(Decode(Encoding.Latin1.GetString(value)))}");
        }

        return pairs;
    }

    [GeneratedRegex("%[0-9A-Fa-f]{2}")]
    private static partial Regex Escape();
}
