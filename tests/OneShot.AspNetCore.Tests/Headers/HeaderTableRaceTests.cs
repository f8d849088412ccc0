using System.Text;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Headers;

/// <summary>Readers on other threads, while a table serves request after request: what they get is one request's, or a refusal.</summary>
public class HeaderTableRaceTests
{
    private const int Requests = 20_000;

    private static readonly string[] s_names = ["Host", "X-One", "User-Agent", "X-Two", "Cookie", "X-Last"];

    [Theory]
    [InlineData(ArenaReclamation.PerRequest, true)]
    [InlineData(ArenaReclamation.PerRequest, false)]
    [InlineData(ArenaReclamation.Never, true)]
    [InlineData(ArenaReclamation.Generational, true)]
    public async Task A_reader_that_meets_the_end_is_right_or_refused(ArenaReclamation reclamation, bool reuse)
    {
        using ProcessArena process = new(new() { Capacity = 256 << 20, BlockSize = 4096, Reclamation = reclamation });
        using Arena arena = process.CreateArena();
        var table = new HeaderTable();
        var headers = new ArenaHeaderDictionary(table, HeaderDecoder.Default, reuse ? new HeaderStringCache() : null);
        using var over = new CancellationTokenSource();
        string? wrong = null;
        int right = 0;
        Task[] readers = [.. Enumerable.Range(0, 4).Select(reader => Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                try
                {
                    wrong ??= Look(reader, table, headers);
                    right++;
                }
                catch (ObjectDisposedException)
                {
                }
                catch (InvalidOperationException)
                {
                    // A look that enumerates what another thread changes is refused by the dictionary of changes.
                }
            }
        }))];

        HeaderDictionary[] requests = [.. Enumerable.Range(0, 10).Select(Make)];
        string[] targets = [.. Enumerable.Range(0, 10).Select(digit => $"/{Text("path", digit)}?{Text("a", digit)}=&q={Text("query", digit)}")];
        for (int i = 0; i < Requests || (Volatile.Read(ref right) == 0 && i < 1000 * Requests); i++) // readers may have to wait for a processor
        {
            using RequestFields fields = RequestFields.Of(requests[i % 10], "GET", targets[i % 10]);
            table.Fill(fields, arena);
            if (i % 3 == 0)
            {
                wrong ??= headers["Host"] == Text("Host", i % 10) ? null : $"the request itself read {headers["Host"]}";
                wrong ??= headers["X-Two"] == Text("X-Two", i % 10) ? null : $"the request itself read {headers["X-Two"]}";
            }

            if (i % 5 == 0)
            {
                table.LeaveArena();
                wrong ??= headers["X-Last"] == Text("X-Last", i % 10) ? null : $"behind its arena it read {headers["X-Last"]}";
            }

            headers.Reset();
            table.Clear();
            arena.Reset();
        }

        await over.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Null(wrong);
        Assert.True(right > 0);
    }

    private static string Text(string name, int digit) => new((char)('0' + digit), name.Length * (1 + digit));

    private static HeaderDictionary Make(int digit)
    {
        var headers = new HeaderDictionary();
        foreach (string name in s_names)
        {
            headers[name] = Text(name, digit);
        }

        if (digit % 2 == 0)
        {
            headers["X-Many"] = new StringValues([Text("X-Many", digit), Text("X-Many", digit)]);
        }

        return headers;
    }

    /// <summary>Nothing here has to be decoded.</summary>
    private sealed class NoArena : IRequestArenaFeature
    {
        public static NoArena Instance { get; } = new();

        public RequestArena Arena => throw new NotSupportedException();

        public HeaderSpans HeaderSpans => throw new NotSupportedException();

        public bool ReleaseArena() => false;
    }

    /// <summary>A value says which name and which request it belongs to.</summary>
    private static string? Look(int reader, HeaderTable table, ArenaHeaderDictionary headers)
    {
        if (reader == 0)
        {
            int digit = -1;
            foreach ((string name, StringValues values) in headers)
            {
                foreach (string? value in values)
                {
                    digit = digit < 0 ? value![0] - '0' : digit;
                    if (value != Text(name, digit))
                    {
                        return $"{name}: {value}";
                    }
                }
            }

            return null;
        }

        HeaderSpans spans = table.Spans;
        if (reader == 3)
        {
            byte[] query = new QuerySpans(spans, NoArena.Instance)["q"u8].ToArray();
            byte[] host = spans.Handle("host"u8).Span.ToArray();
            _ = spans.Count;
            return Encoding.ASCII.GetString(query) == Text("query", query[0] - '0') && query[0] == host[0] ? null : $"query: {Encoding.ASCII.GetString(query)}";
        }

        int first = -1;
        foreach (string name in s_names)
        {
            string value;
            if (reader == 1)
            {
                value = headers[name]!;
                first = value[0] - '0';
            }
            else
            {
                // Copied at once, and believed only if the request is still the same: what a span itself shows is not checked.
                byte[] copy = spans[Encoding.ASCII.GetBytes(name)].ToArray();
                _ = spans.Count;
                value = Encoding.ASCII.GetString(copy);
                first = first < 0 ? value[0] - '0' : first;
            }

            if (value != Text(name, first))
            {
                return $"{name}: {value}";
            }
        }

        return null;
    }
}
