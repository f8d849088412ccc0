using System.Text;
using CsCheck;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class HostileHeadTests
{
    private const int Count = 2_000;

    [Fact]
    public void The_outcome_depends_on_the_bytes_and_not_on_how_they_were_cut()
    {
        using var parsing = new HeadParsing(HeadParsing.DefaultLimits);
        int accepted = 0;
        FixedSeeds.Sample(HostileHead.Generator, Count, head =>
        {
            ParsedHead whole = parsing.ParseIn(head, [head.Length]);
            Assert.Equal(whole, parsing.ParsePlainly(head));
            Assert.Equal(whole, parsing.ParseIn(head, Enumerable.Range(1, head.Length)));
            for (int split = 1; split < head.Length; split += 7)
            {
                Assert.Equal(whole, parsing.ParseIn(head, [split, head.Length]));
            }

            accepted += whole.Result == HeaderParseResult.Done ? 1 : 0;
        });

        // A generator that hardly ever gets past the parser, or never fails to, tests nothing.
        Assert.InRange(accepted, Count / 5, Count * 4 / 5);
    }

    [Fact]
    public void Tight_limits_decide_the_same_however_the_bytes_were_cut()
    {
        using var parsing = new HeadParsing(new HeaderLimits(40, 300, 8));
        var outcomes = new HashSet<RequestRejection>();
        FixedSeeds.Sample(HostileHead.Generator, Count, head =>
        {
            ParsedHead whole = parsing.ParseIn(head, [head.Length]);
            Assert.Equal(whole, parsing.ParsePlainly(head));
            Assert.Equal(whole, parsing.ParseIn(head, Enumerable.Range(1, head.Length)));
            for (int split = 1; split < head.Length; split += 23)
            {
                Assert.Equal(whole, parsing.ParseIn(head, [split, head.Length]));
            }

            outcomes.Add(whole.Rejection);
        });

        Assert.Superset(
            new HashSet<RequestRejection> { RequestRejection.None, RequestRejection.RequestLineTooLong, RequestRejection.HeadersTooLarge, RequestRejection.TooManyHeaders },
            outcomes);
    }

    [Fact]
    public void What_is_accepted_kestrel_accepts_and_reads_the_same()
    {
        using var parsing = new HeadParsing(HeadParsing.DefaultLimits);
        FixedSeeds.Sample(HostileHead.Generator, Count, head =>
        {
            ParsedHead parsed = parsing.ParseIn(head, [head.Length]);
            if (parsed.Result == HeaderParseResult.Done)
            {
                Assert.Equal(KestrelParsing.Describe(head), parsed.AsKestrelDescribes());
            }
        });
    }

    [Fact]
    public void What_stands_behind_a_known_name_is_read_the_same_wherever_the_line_is()
    {
        using var parsing = new HeadParsing(HeadParsing.DefaultLimits);
        string[] values = ["", "v", "a value of 24 characters", new string('x', 40)];
        foreach (string name in Enum.GetValues<KnownHeader>().Select(KnownHeaders.NameOf).Where(name => name.Length > 0))
        {
            // From here on the scanner expects this name first.
            parsing.ParseIn(Head($"{name}: v"), [Head($"{name}: v").Length]);
            foreach (string between in new[] { "", " ", "  ", "\t", " \t", "/", "/ ", ":", "\u001A", "\0" })
            {
                foreach (string line in values.Select(value => $"{name}:{between}{value}").Append($"{name}{between}v"))
                {
                    foreach (string rest in new[] { "", "\r\nA: b", "\r\nX-Padding: " + new string('p', 60) })
                    {
                        byte[] head = Head(line + rest);
                        Assert.Equal(parsing.ParsePlainly(head), parsing.ParseIn(head, [head.Length]));
                        byte[] padded = Head(line + " " + rest);
                        Assert.Equal(parsing.ParsePlainly(padded), parsing.ParseIn(padded, [padded.Length]));
                    }
                }
            }
        }

        static byte[] Head(string lines) => Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\n{lines}\r\n\r\n");
    }

    [Fact]
    public void Random_bytes_are_refused_or_waited_for()
    {
        using var parsing = new HeadParsing(HeadParsing.DefaultLimits);
        FixedSeeds.Sample(Gen.Byte.Array[0, 300], Count, bytes =>
        {
            ParsedHead whole = parsing.ParseIn(bytes, [bytes.Length]);
            Assert.NotEqual(HeaderParseResult.Done, whole.Result);
            Assert.Equal(whole, parsing.ParsePlainly(bytes));
            Assert.Equal(whole, parsing.ParseIn(bytes, Enumerable.Range(1, bytes.Length)));
        });
    }
}
