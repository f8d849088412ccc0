using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>Writes down every answer whole, but for what no two runs have in common: the time and random keys.</summary>
internal sealed partial class Transcript(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int LargestQuoted = 4000;

    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);

        // Content-Length as it was sent; once the content is buffered HttpClient makes up its own.
        string[] fields = [.. Fields(response).Order(StringComparer.Ordinal)];
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        _text.Append(request.Method).Append(' ').Append(request.RequestUri!.PathAndQuery).Append('\n')
            .Append("HTTP/").Append(response.Version).Append(' ').Append((int)response.StatusCode).Append(' ').Append(response.ReasonPhrase).Append('\n')
            .AppendJoin('\n', fields).Append('\n')
            .Append(Quote(body)).Append('\n').Append('\n');
        return response;
    }

    private static IEnumerable<string> Fields(HttpResponseMessage response) =>
        from field in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
        from value in field.Value
        select $"{field.Key}: {(field.Key is "Date" or "Age" or "Expires" ? "*" : Keys().Replace(value, "*"))}";

    private static string Quote(byte[] body) => body.Length > LargestQuoted || body.Contains((byte)0)
        ? $"{body.Length} bytes, {Convert.ToHexString(SHA256.HashData(body))}"
        : Keys().Replace(Encoding.UTF8.GetString(body), "*");

    [GeneratedRegex(@"[A-Za-z0-9_%+/-]{60,}")]
    private static partial Regex Keys();
}
