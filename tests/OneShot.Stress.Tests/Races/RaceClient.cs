using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace OneShot.Stress.Tests.Races;

/// <summary>A client that does what its seed says, most of it rude, and looks whether what it gets is an answer to what it has asked.</summary>
internal sealed partial class RaceClient(ClientEnd end, int connection, int seed)
{
    private readonly Random _random = new(seed);
    private readonly StringBuilder _received = new();
    private int _requests;

    /// <summary>Requests that were sent to their end.</summary>
    public int Requests => _requests;

    public async Task RunAsync()
    {
        Task reading = _random.Next(5) == 0 ? Task.CompletedTask : ReadAllAsync(); // some never read at all
        for (int steps = _random.Next(1, 6); steps > 0; steps--)
        {
            await StepAsync();
            await YieldAsync(_random.Next(30));
        }

        if (_random.Next(3) == 0)
        {
            end.Finish();
        }

        // Some stay until the server has had enough of them, or for a while.
        int patience = _random.Next(400);
        for (int i = 0; i < patience && !reading.IsCompleted; i++)
        {
            await Task.Yield();
        }

        end.Reset();
        await reading;
    }

    /// <summary>Nothing but tokens of requests of this connection has come, in their order.</summary>
    public void Check(Action<string> complain)
    {
        int last = 0;
        string text = _received.ToString();
        foreach (Match match in Token().Matches(text))
        {
            int of = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            int request = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            if (of != connection || request < last || request > _requests)
            {
                complain($"Connection {connection} got {match.Value} after request {last} of {_requests}:\n{text}");
                return;
            }

            last = request;
        }
    }

    private async Task ReadAllAsync()
    {
        while (await end.ReceiveAsync() is { Length: > 0 } bytes)
        {
            _received.Append(Encoding.Latin1.GetString(bytes));
            await YieldAsync(_random.Next(2));
        }
    }

    private async Task StepAsync()
    {
        switch (_random.Next(12))
        {
            case 0:
                byte[] garbage = new byte[_random.Next(1, 60)];
                _random.NextBytes(garbage);
                await end.SendAsync(garbage);
                break;
            case 1:
                string whole = NextRequest();
                await end.SendAsync(Encoding.Latin1.GetBytes(whole[.._random.Next(whole.Length)]));
                break;
            case 2 or 3:
                foreach (char[] piece in NextRequest().Chunk(_random.Next(1, 40)))
                {
                    await end.SendAsync(Encoding.Latin1.GetBytes(piece));
                    await YieldAsync(_random.Next(3));
                }

                break;
            case 4 or 5:
                await end.SendAsync(Encoding.Latin1.GetBytes(NextRequest() + NextRequest() + NextRequest()));
                break;
            default:
                await end.SendAsync(Encoding.Latin1.GetBytes(NextRequest()));
                break;
        }
    }

    private string NextRequest()
    {
        string common = string.Create(
            CultureInfo.InvariantCulture,
            $" / HTTP/1.{(_random.Next(10) == 0 ? 0 : 1)}\r\nHost: a\r\nX-Token: <{connection}.{++_requests}>\r\nX-Plan: {_random.Next()}\r\n");
        int length = _random.Next(0, _random.Next(3) == 0 ? 9000 : 200);
        string body = new('b', length);
        return _random.Next(8) switch
        {
            0 => $"POST{common}Content-Length: {length}\r\n\r\n{body}",
            1 => $"POST{common}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n{body}",
            2 => $"POST{common}Transfer-Encoding: chunked\r\n\r\n{Chunked(body)}0\r\nX-Sum: 1\r\n\r\n",
            3 => $"POST{common}Content-Length: {length + 5}\r\n\r\n{body}",
            4 => $"GET{common}Connection: Upgrade\r\nUpgrade: race\r\n\r\n{body}",
            5 => $"GET{common}Connection: close\r\n\r\n",
            _ => $"GET{common}\r\n",
        };
    }

    private static string Chunked(string body) =>
        string.Concat(body.Chunk(100).Select(piece => string.Create(CultureInfo.InvariantCulture, $"{piece.Length:x}\r\n{new string(piece)}\r\n")));

    private static async Task YieldAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            await Task.Yield();
        }
    }

    [GeneratedRegex(@"<(\d+)\.(\d+)>")]
    private static partial Regex Token();
}
