using System.Numerics;
using System.Text.RegularExpressions;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>
/// The rules of RFC 9112 6 and 9.3 and of RFC 9110 7.2, once more and naively: a head is accepted if and only if these accept it,
/// and then its body ends where these say.
/// </summary>
internal static partial class FramingRules
{
    public static void Check(RequestRejection rejection, in RequestFraming framing, HeadContents head, HttpMethodId method)
    {
        bool isHttp11 = head.Version == HttpVersion.Http11;
        string[] lengths = [.. head.ValuesOf("Content-Length")];
        string[] codings = [.. head.ElementsOf("Transfer-Encoding")];
        string[] hosts = [.. head.ValuesOf("Host")];
        string[] expectations = [.. head.ElementsOf("Expect").Where(element => element.Length > 0)];
        long length = -1;

        bool hostIsGood = hosts.Length == 1 ? HostPattern().IsMatch(hosts[0]) : hosts.Length == 0 && !isHttp11;
        bool lengthIsGood = lengths.Length == 0 || (lengths.Length == 1 && codings.Length == 0 && TryReadLength(lengths[0], out length));
        bool codingIsGood = codings.Length == 0 || (isHttp11 && codings.Length == 1 && codings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase));
        bool endIsKnown = isHttp11 || lengths.Length > 0 || method is not (HttpMethodId.Post or HttpMethodId.Put);
        bool expectationIsGood = expectations.All(element => element.Equals("100-continue", StringComparison.OrdinalIgnoreCase));
        bool accepted = hostIsGood && lengthIsGood && codingIsGood && endIsKnown && expectationIsGood;
        Violation.Unless(accepted == (rejection == RequestRejection.None), $"A head is accepted if its framing has one reading ({rejection})");
        if (!accepted)
        {
            return;
        }

        RequestBodyKind body = codings.Length > 0 ? RequestBodyKind.Chunked : length > 0 ? RequestBodyKind.ContentLength : RequestBodyKind.None;
        Violation.Unless(framing.Body == body && framing.ContentLength == length, "A body ends where the head says");
        string[] options = [.. head.ElementsOf("Connection").Select(option => option.ToUpperInvariant())];
        Violation.Unless(
            framing.KeepAlive == ((isHttp11 || options.Contains("KEEP-ALIVE")) && !options.Contains("CLOSE")), "A connection lives on as the head says");
        Violation.Unless(framing.ConnectionUpgrade == (isHttp11 && options.Contains("UPGRADE") && body == RequestBodyKind.None), "An upgrade is offered by Connection, on 1.1, without a body");
        Violation.Unless(
            framing.ExpectContinue == (expectations.Length > 0 && isHttp11 && body != RequestBodyKind.None), "100 is waited for on 1.1, with a body");
    }

    private static bool TryReadLength(string text, out long length)
    {
        length = -1;
        if (!DigitsPattern().IsMatch(text))
        {
            return false;
        }

        var value = BigInteger.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        length = value <= long.MaxValue ? (long)value : -1;
        return length >= 0;
    }

    [GeneratedRegex(@"\A[0-9]+\z")]
    private static partial Regex DigitsPattern();

    [GeneratedRegex(@"\A(\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]|[-._~!$&'()0-9A-Za-z]+)(:[0-9]+)?\z")]
    private static partial Regex HostPattern();
}
