using CsCheck;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Tests.Wire;

namespace OneShot.AspNetCore.Tests.Headers;

/// <summary>Random programs against the framework's own dictionary.</summary>
public class ArenaHeaderDictionaryModelTests
{
    private static readonly string[] s_names = ["Host", "host", "X-A", "x-a", "X-B", "Cookie", "COOKIE", "Content-Length", "content-length", "\u00E9"];
    private static readonly string[] s_wireNames = s_names[..^1];
    private static readonly string[] s_values = ["", "1", "22", "x", "a, b", " 7 "];

    private static readonly Gen<(int Operation, string Name, string[] Values)> s_step =
        Gen.Select(Gen.Int[0, 11], FixedSeeds.OneOf(s_names), FixedSeeds.OneOf(s_values).Array[0, 3]);

    private static readonly Gen<(string Name, string Value)> s_line =
        Gen.Select(FixedSeeds.OneOf(s_wireNames), FixedSeeds.OneOf("", "1", "22", "x", "a, b"));

    [Fact]
    public void Random_programs_behave_as_on_the_frameworks_dictionary()
        => FixedSeeds.Sample(
            Gen.Select(s_line.Array[0, 8], s_step.Array[0, 30]),
            500,
            program =>
            {
                ((string Name, string Value)[] lines, (int Operation, string Name, string[] Values)[] steps) = program;
                using var request = ParsedRequest.WithHeaders(string.Concat(lines.Select(line => $"{line.Name}: {line.Value}\r\n")));
                IHeaderDictionary actual = new ArenaHeaderDictionary(request.Table, HeaderDecoder.Default, new HeaderStringCache());
                var model = new HeaderDictionary();
                foreach ((string name, string value) in lines)
                {
                    model[name] = model.TryGetValue(name, out StringValues earlier) ? StringValues.Concat(earlier, value) : value;
                }

                AssertSame(model, actual);
                foreach ((int operation, string name, string[] values) in steps)
                {
                    Assert.Equal(Apply(model, operation, name, values), Apply(actual, operation, name, values));
                    AssertSame(model, actual);
                }
            });

    private static string Apply(IHeaderDictionary headers, int operation, string name, string[] values)
    {
        var value = values.Length == 1 ? new StringValues(values[0]) : new StringValues(values);
        try
        {
            switch (operation)
            {
                case 0:
                    headers[name] = value;
                    return "";
                case 1:
                    ((IDictionary<string, StringValues>)headers)[name] = value;
                    return "";
                case 2:
                    ((IDictionary<string, StringValues>)headers).Add(name, value);
                    return "";
                case 3:
                    headers.Add(new KeyValuePair<string, StringValues>(name, value));
                    return "";
                case 4:
                    return headers.Remove(name).ToString();
                case 5:
                    return headers.Remove(new KeyValuePair<string, StringValues>(name, value)).ToString();
                case 6:
                    return headers.Contains(new KeyValuePair<string, StringValues>(name, value)).ToString();
                case 7:
                    headers.ContentLength = values.Length == 0 ? null : values.Length;
                    return "";
                case 8:
                    headers.Append(name, value);
                    return "";
                case 9:
                    return ((IDictionary<string, StringValues>)headers)[name].ToString();
                case 10 when values.Length == 0:
                    headers.Clear();
                    return "";
                default:
                    return headers[name].ToString();
            }
        }
        catch (Exception exception) when (exception is ArgumentException or KeyNotFoundException)
        {
            return exception.GetType().Name;
        }
    }

    private static void AssertSame(HeaderDictionary model, IHeaderDictionary actual)
    {
        Assert.Equal(Sorted(model), Sorted(actual));
        Assert.Equal(model.Count, actual.Count);
        Assert.Equal(model.ContentLength, actual.ContentLength);
        Assert.Equal(model.Keys.Order(StringComparer.OrdinalIgnoreCase), actual.Keys.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(model.Values.Count, actual.Values.Count);
        var copy = new KeyValuePair<string, StringValues>[actual.Count + 1];
        actual.CopyTo(copy, 1);
        Assert.Equal(Sorted(model), Sorted(copy[1..]));
        foreach (string name in s_names)
        {
            Assert.Equal(model.ContainsKey(name), actual.ContainsKey(name));
            Assert.Equal(model.TryGetValue(name, out StringValues expected), actual.TryGetValue(name, out StringValues value));
            Assert.Equal((IEnumerable<string?>)expected, value);
            Assert.Equal((IEnumerable<string?>)model[name], actual[name]);
        }
    }

    private static IEnumerable<string> Sorted(IEnumerable<KeyValuePair<string, StringValues>> headers)
        => headers.Select(item => $"{item.Key.ToUpperInvariant()}={string.Join('|', (IEnumerable<string?>)item.Value)}#{item.Value.Count}").Order(StringComparer.Ordinal);
}
