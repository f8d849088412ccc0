using System.Text;
using CsCheck;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Tests.Wire;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Headers;

public class HeaderSpansTests
{
    private const string Lines = "Host: a\r\nX-Tag: one\r\nUser-Agent: test \r\nx-tag: two\r\nX-Empty:\r\nX-TAG: three\r\n";

    [Fact]
    public void A_value_is_found_by_a_name_in_any_case()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        HeaderSpans spans = request.Table.Spans;
        Assert.True(spans["USER-AGENT"u8].SequenceEqual("test"u8));
        Assert.True(spans["x-tag"u8].SequenceEqual("one"u8));
        Assert.True(spans["x-missing"u8].IsEmpty);
        Assert.True(spans["cookie"u8].IsEmpty);
        Assert.True(spans[""u8].IsEmpty);
    }

    [Fact]
    public void Every_one_of_a_hundred_lines_is_found_as_a_search_through_all_of_them_finds_it()
    {
        string[] names = ["X-Tag", "X-tAG", "X-Tab", "Y", "y", "QQ", "Accept", "ACCEPT", "Cookie", "X-A-Name-Of-More-Than-Thirty-Two-Bytes"];
        string[] choices = [.. names, .. Enumerable.Range(0, 40).Select(n => $"X-{n}")];
        Gen<string[]> lines = Gen.Int[0, choices.Length - 1].Select(choice => choices[choice]).Array[1, 100];
        FixedSeeds.Sample(lines, 500, sent =>
        {
            using var request = ParsedRequest.WithHeaders(string.Concat(sent.Select((name, index) => $"{name}: {index}\r\n")));
            foreach (string name in names.Append("X-Absent").Append("z").Append("X-39").Append("X-0"))
            {
                IEnumerable<string> expected = sent.Select((other, index) => (other, index)).Where(line => line.other.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(line => $"{line.index}");
                Assert.Equal(expected, ValuesOf(request, name));
                Assert.Equal(expected.FirstOrDefault(""), Encoding.ASCII.GetString(request.Table.Spans[Encoding.ASCII.GetBytes(name)]));
            }
        });
    }

    [Fact]
    public void A_name_longer_than_any_line_is_not_found()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        foreach (int length in new[] { 256, ushort.MaxValue, ushort.MaxValue + 1, ushort.MaxValue + 1 + "X-Tag".Length })
        {
            Assert.False(request.Table.Spans.TryGetValue(Encoding.ASCII.GetBytes("X-Tag".PadLeft(length, 'x')), out _));
        }
    }

    [Fact]
    public void An_empty_value_is_told_from_an_absent_one()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        HeaderSpans spans = request.Table.Spans;
        Assert.True(spans.TryGetValue("x-empty"u8, out ReadOnlySpan<byte> value));
        Assert.True(value.IsEmpty);
        Assert.False(spans.TryGetValue("x-absent"u8, out _));
    }

    [Fact]
    public void Lines_come_in_wire_order_and_case_with_duplicates()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        var lines = new StringBuilder();
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in request.Table.Spans)
        {
            lines.Append(Encoding.ASCII.GetString(name)).Append('=').Append(Encoding.ASCII.GetString(value)).Append(';');
        }

        Assert.Equal("Host=a;X-Tag=one;User-Agent=test;x-tag=two;X-Empty=;X-TAG=three;", lines.ToString());
        Assert.Equal(6, request.Table.Spans.Count);
    }

    [Theory]
    [InlineData("x-tag", "one,two,three")]
    [InlineData("host", "a")]
    [InlineData("x-absent", "")]
    public void All_values_of_a_name_come_in_wire_order(string name, string expected)
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        Assert.Equal(expected, string.Join(',', ValuesOf(request, name)));
    }

    [Fact]
    public void Known_duplicates_are_found_too()
    {
        using var request = ParsedRequest.WithHeaders("Cookie: a=1\r\nHost: a\r\ncookie: b=2\r\n");
        int count = 0;
        foreach (ReadOnlySpan<byte> value in request.Table.Spans.GetValues("cookie"u8))
        {
            count += value.Length;
        }

        Assert.Equal(6, count);
    }

    [Fact]
    public void Default_is_empty()
    {
        HeaderSpans spans = default;
        Assert.Equal(0, spans.Count);
        Assert.True(spans["host"u8].IsEmpty);
        foreach (HeaderSpan line in spans)
        {
            Assert.Fail(Encoding.ASCII.GetString(line.Name));
        }

        foreach (ReadOnlySpan<byte> value in spans.GetValues("host"u8))
        {
            Assert.Fail(Encoding.ASCII.GetString(value));
        }
    }

    [Fact]
    public void More_lines_than_the_first_room_are_kept()
    {
        using var request = ParsedRequest.WithHeaders(string.Concat(Enumerable.Range(0, 100).Select(i => $"x-{i}: {i * i}\r\n")));
        Assert.Equal(100, request.Table.Spans.Count);
        Assert.True(request.Table.Spans["X-99"u8].SequenceEqual("9801"u8));
    }

    [Fact]
    public void A_table_is_filled_from_headers_another_server_has_parsed()
    {
        using var process = new ProcessArena();
        using Arena arena = process.CreateArena();
        var table = new HeaderTable();
        using RequestFields fields = RequestFields.Of(new HeaderDictionary { ["Host"] = "a", ["X-Tag"] = new[] { "one", "zw\u00F6lf" }, ["x-empty"] = "" });
        table.Fill(fields, arena);

        Assert.Equal(4, table.Count);
        Assert.Equal(KnownHeader.Host, table.Entries[0].Known);
        Assert.True(table.Spans["HOST"u8].SequenceEqual("a"u8));
        var values = new List<string>();
        foreach (ReadOnlySpan<byte> value in table.Spans.GetValues("x-tag"u8))
        {
            values.Add(Encoding.UTF8.GetString(value));
        }

        Assert.Equal(["one", "zw\u00F6lf"], values);
        Assert.True(table.HasNonAscii);
        Assert.True(table.Spans.TryGetValue("X-Empty"u8, out ReadOnlySpan<byte> empty) && empty.IsEmpty);
    }

    [Fact]
    public void A_cleared_table_refuses_its_readers_old_and_new()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        HeaderSpans old = request.Table.Spans;
        request.Table.Clear();
        AssertRefuses(old);
        Assert.Throws<ObjectDisposedException>(() => request.Table.Spans.Count);
        Assert.Equal(0, request.Table.Head.Length + request.Table.Entries.Length);
    }

    [Fact]
    public void What_was_read_of_one_request_refuses_in_the_next()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        HeaderSpans old = request.Table.Spans;
        request.Table.Clear();
        using RequestFields next = RequestFields.Of(new HeaderDictionary { ["Host"] = "next" });
        request.Table.Fill(next, request.Arena);
        AssertRefuses(old);
        Assert.True(request.Table.Spans["host"u8].SequenceEqual("next"u8));
    }

    private static void AssertRefuses(HeaderSpans spans)
    {
        int refused = 0;
        for (int member = 0; member < 4; member++)
        {
            try
            {
                _ = member switch
                {
                    0 => spans.Count,
                    1 => spans["host"u8].Length,
                    2 => spans.GetValues("host"u8).MoveNext() ? 1 : 0,
                    _ => spans.GetEnumerator().MoveNext() ? 1 : 0,
                };
            }
            catch (ObjectDisposedException)
            {
                refused++;
            }
        }

        Assert.Equal(4, refused);
    }

    private static List<string> ValuesOf(ParsedRequest request, string name)
    {
        var values = new List<string>();
        foreach (ReadOnlySpan<byte> value in request.Table.Spans.GetValues(Encoding.ASCII.GetBytes(name)))
        {
            values.Add(Encoding.ASCII.GetString(value));
        }

        return values;
    }
}
