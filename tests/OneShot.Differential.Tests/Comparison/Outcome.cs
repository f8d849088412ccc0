using OneShot.Differential.Tests.Wire;

namespace OneShot.Differential.Tests.Comparison;

/// <summary>How a connection stood when the client had sent everything.</summary>
internal enum ConnectionEnd
{
    /// <summary>The server waited for more.</summary>
    Open,

    /// <summary>The server had ended it in good order.</summary>
    Closed,

    /// <summary>The server had cut it.</summary>
    Aborted,
}

/// <summary>A request the application saw, the answer it got, or both.</summary>
/// <param name="Seen">What the application saw, as JSON; null when the server answered by itself.</param>
/// <param name="Interim">The status codes of the interim answers that came first.</param>
/// <param name="Response">Null when the application's request got no answer.</param>
internal sealed record Exchange(string? Seen, IReadOnlyList<int> Interim, WireResponse? Response);

/// <summary>All that came of the bytes sent over one connection.</summary>
/// <param name="Exchanges">What the application saw and what was answered, in order.</param>
/// <param name="End">How the connection stood when the client had sent everything.</param>
/// <param name="Refusal">Why the server refused something, in its own words; empty when it did not.</param>
/// <param name="Answer">The bytes the server sent before the client had ended the connection.</param>
internal sealed record Outcome(IReadOnlyList<Exchange> Exchanges, ConnectionEnd End, string Refusal, ReadOnlyMemory<byte> Answer)
{
    internal static Outcome Read(byte[] answer, int lengthBeforeEnd, IReadOnlyList<(string Method, string Json)> requests, ConnectionEnd end, string refusal)
    {
        var parser = new ResponseParser(answer);
        List<Exchange> exchanges = [];
        while (!parser.IsAtEnd || exchanges.Count < requests.Count)
        {
            (string? method, string? json) = exchanges.Count < requests.Count ? requests[exchanges.Count] : (null, null);
            List<int> interim = [];
            WireResponse? response = null;
            while (!parser.IsAtEnd)
            {
                response = parser.Read(method == "HEAD");
                if (!response.IsInterim)
                {
                    break;
                }

                interim.Add(response.Status);
                response = null;
            }

            exchanges.Add(new Exchange(json, interim, response));
        }

        return new Outcome(exchanges, end, refusal, answer.AsMemory(0, lengthBeforeEnd));
    }
}
