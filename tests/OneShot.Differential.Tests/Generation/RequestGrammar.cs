using System.Globalization;
using System.Text;

namespace OneShot.Differential.Tests.Generation;

/// <summary>Writes requests by the grammar of RFC 9112, with a wrong word now and then.</summary>
internal sealed class RequestGrammar(Dice dice)
{
    /// <summary>How often a part is a bad one, in a thousand.</summary>
    private const int Bad = 12;

    private readonly StringBuilder _text = new();

    /// <summary>A request as bytes; whole, but perhaps wrong.</summary>
    internal byte[] Next()
    {
        _text.Clear();
        string body = dice.Chance(450) ? "" : Body();
        string framing = body.Length == 0 ? NoFraming() : "";
        if (body.Length > 0)
        {
            bool chunked = dice.Chance(500);
            (framing, body) = chunked ? (ChunkedFraming(), Chunks(body)) : (LengthFraming(body), body);
        }

        RequestLine();
        List<string> fields = Fields();
        fields.Insert(dice.Number(0, fields.Count), framing);
        fields.ForEach(field => _text.Append(field));
        return Encoding.Latin1.GetBytes(_text.Append(LineEnd()).Append(body).ToString());
    }

    private void RequestLine()
    {
        for (int n = dice.Chance(20) ? dice.Number(1, 10) : 0; n > 0; n--)
        {
            _text.Append("\r\n");
        }

        string method = Word(Words.Methods, Words.BadMethods);
        _text.Append(method).Append(' ').Append(Target(method)).Append(' ');
        _text.Append(dice.Chance(Bad) ? dice.Of(Words.Versions) : dice.Chance(80) ? "HTTP/1.0" : "HTTP/1.1").Append(LineEnd());
    }

    private string Target(string method)
    {
        if (method == "CONNECT" || dice.Chance(Bad))
        {
            return dice.Of(Words.Authorities);
        }

        if (dice.Chance(method == "OPTIONS" ? 300 : 4))
        {
            return "*";
        }

        var target = new StringBuilder(dice.Chance(50) ? $"http://{dice.Of(Words.Authorities)}" : "");
        target.Append('/').Append(dice.Of(Words.Behaviours));
        for (int n = dice.Chance(500) ? dice.Number(1, 4) : 0; n > 0; n--)
        {
            target.Append('/').Append(dice.Of(Words.Segments));
        }

        return target.Append(dice.Of(Words.Queries)).ToString();
    }

    private List<string> Fields()
    {
        List<string> fields = [];
        for (int n = dice.Number(0, 8); n > 0; n--)
        {
            fields.Add(Field(Word(Words.Names, Words.BadNames), Word(Words.Values, Words.BadValues)));
        }

        for (int n = dice.Chance(970) ? 1 : dice.Number(0, 2); n > 0; n--)
        {
            fields.Insert(dice.Number(0, fields.Count), Field("Host", dice.Chance(900) ? "a" : dice.Of(Words.Hosts)));
        }

        if (dice.Chance(150))
        {
            fields.Add(Field("Connection", dice.Of(Words.Connections)));
        }

        if (dice.Chance(40))
        {
            fields.Add(Field("Upgrade", "echo") + Field("Connection", "Upgrade"));
        }

        if (dice.Chance(40))
        {
            fields.Add(Field("Expect", dice.Chance(900) ? "100-continue" : dice.Of(Words.Values)));
        }

        return fields;
    }

    private string Field(string name, string value) =>
        string.Concat(name, dice.Chance(3) ? " :" : ":", dice.Chance(800) ? " " : "", value, LineEnd());

    private string NoFraming() => dice.Chance(800) ? "" : Field("Content-Length", dice.Chance(800) ? "0" : dice.Of(Words.Lengths));

    private string LengthFraming(string body)
    {
        string length = body.Length.ToString(CultureInfo.InvariantCulture);
        string field = Field("Content-Length", dice.Chance(30) ? dice.Of(Words.Lengths) : length);
        return dice.Chance(15) ? field + field : dice.Chance(15) ? field + Field("Transfer-Encoding", dice.Of(Words.Codings)) : field;
    }

    private string ChunkedFraming()
    {
        string field = Field("Transfer-Encoding", dice.Chance(40) ? dice.Of(Words.Codings) : "chunked");
        return dice.Chance(20) ? field + Field("Content-Length", "5") : field;
    }

    private string Body()
    {
        int length = dice.Chance(20) ? dice.Number(1, 20_000) : dice.Number(1, 60);
        return string.Create(length, dice, static (body, dice) =>
        {
            for (int i = 0; i < body.Length; i++)
            {
                body[i] = dice.Chance(100) ? "\r\n\0:; 0\u00FF"[dice.Number(0, 7)] : (char)dice.Number('a', 'z');
            }
        });
    }

    private string Chunks(string body)
    {
        var chunks = new StringBuilder();
        for (int start = 0; start < body.Length;)
        {
            int length = dice.Number(1, body.Length - start);
            string size = length.ToString(dice.Chance(500) ? "x" : "X", CultureInfo.InvariantCulture);
            chunks.Append(dice.Chance(Bad) ? dice.Of(Words.Sizes) : size).Append(dice.Chance(80) ? dice.Of(Words.Extensions) : "").Append(LineEnd());
            chunks.Append(body, start, length).Append(dice.Chance(4) ? "" : LineEnd());
            start += length;
        }

        chunks.Append('0').Append(dice.Chance(20) ? dice.Of(Words.Extensions) : "").Append(LineEnd());
        for (int n = dice.Chance(200) ? dice.Number(1, 3) : 0; n > 0; n--)
        {
            chunks.Append(Field(Word(Words.Names, Words.BadNames), Word(Words.Values, Words.BadValues)));
        }

        return chunks.Append(LineEnd()).ToString();
    }

    private string Word(string[] good, string[] bad) => dice.Of(dice.Chance(Bad) ? bad : good);

    private string LineEnd() => dice.Chance(2) ? "\n" : dice.Chance(1) ? "\r" : "\r\n";
}
