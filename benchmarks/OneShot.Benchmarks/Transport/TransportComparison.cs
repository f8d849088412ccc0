using System.Globalization;

namespace OneShot.Benchmarks.Transport;

/// <summary>
/// The front on Kestrel's transport and on OneShot's under the load of wrk, in turn, round after round: medians of the rounds' ratios.
/// HTTP/2, which is Kestrel's own on either, under that of h2load.
/// </summary>
internal static class TransportComparison
{
    /// <summary>What the runtime needs until it has compiled all of HTTP/2 for the last time.</summary>
    private const int WarmUpSeconds = 6;

    private sealed record Row(string Name, string Path, bool HasFloor, string[] Arguments)
    {
        public TransportEndpoint Endpoint { get; init; }
    }

    /// <param name="rounds">How often each side has its turn.</param>
    /// <param name="seconds">How long a turn is.</param>
    /// <param name="names">What the rows' names begin with that are wanted; none for all.</param>
    internal static async Task RunAsync(int rounds, int seconds, params string[] names)
    {
        string folder = Directory.CreateTempSubdirectory("oneshot").FullName;
        try
        {
            string post4 = Write(folder, "post4.lua", "wrk.method = 'POST'; wrk.body = string.rep('x', 4096)");
            string pipeline16 = Write(folder, "pipeline16.lua", "local all; init = function() local one = {}; for i = 1, 16 do one[i] = wrk.format() end; all = table.concat(one) end; request = function() return all end");
            string post1024 = Write(folder, "post1024.lua", "wrk.method = 'POST'; wrk.body = string.rep('x', 1048576)");
            string[] head = BrowserHead();
            Row[] rows =
            [
                new("browser head, 32 connections", "/", HasFloor: true, ["-c32", .. head]),
                new("browser head, 256 connections", "/", HasFloor: true, ["-c256", .. head]),
                new("GET with one header", "/", HasFloor: true, ["-c32"]),
                new("16 pipelined", "/", HasFloor: false, ["-c32", "-s", pipeline16]),
                new("POST 4 KiB", "/swallow", HasFloor: false, ["-c32", "-s", post4]),
                new("upload of 1 MiB", "/swallow", HasFloor: false, ["-c8", "-s", post1024]),
                new("answer of 64 KiB", "/large", HasFloor: false, ["-c32"]),
                new("await Task.Yield()", "/yield", HasFloor: false, ["-c32"]),
                new("await Task.Delay(1)", "/timer", HasFloor: false, ["-c256"]),
                new("hash of 16 KiB", "/hash/16", HasFloor: false, ["-c32"]),
                new("hash of 64 KiB", "/hash/64", HasFloor: false, ["-c32"]),
                new("hash of 256 KiB", "/hash/256", HasFloor: false, ["-c32"]),
                new("await HttpClient", "/upstream", HasFloor: false, ["-c32"]),
                new("TLS, browser head", "/", HasFloor: false, ["-c32", .. head]) { Endpoint = TransportEndpoint.Tls },
                new("HTTP/2, 1 stream", "/", HasFloor: false, ["-c32", "-m1"]) { Endpoint = TransportEndpoint.Http2 },
                new("HTTP/2, 10 streams", "/", HasFloor: false, ["-c32", "-m10"]) { Endpoint = TransportEndpoint.Http2 },
            ];

            await using TransportProcess floor = await TransportProcess.StartAsync(TransportKind.Floor, upstream: "");
            await using TransportProcess sockets = await TransportProcess.StartAsync(TransportKind.Sockets, floor.AddressOf(TransportEndpoint.Plain));
            await using TransportProcess oneShot = await TransportProcess.StartAsync(TransportKind.OneShot, floor.AddressOf(TransportEndpoint.Plain));
            Console.WriteLine("| request | requests/s | times Kestrel's transport | the floor, times | CPU µs | of Kestrel's transport | p99 ms | of Kestrel's transport | CPU of the floor's |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
            foreach (Row row in rows.Where(row => names.Length == 0 || names.Any(name => row.Name.StartsWith(name, StringComparison.Ordinal))))
            {
                TransportProcess[] sides = row.HasFloor ? [sockets, oneShot, floor] : [sockets, oneShot];
                foreach (TransportProcess side in sides)
                {
                    await LoadAsync(side, row, WarmUpSeconds);
                }

                var samples = new List<LoadSample[]>();
                for (int round = 0; round < rounds; round++)
                {
                    var turn = new LoadSample[sides.Length];
                    for (int i = 0; i < sides.Length; i++)
                    {
                        int side = (i + round) % sides.Length; // nobody is always first
                        turn[side] = await LoadAsync(sides[side], row, seconds);
                    }

                    samples.Add(turn);
                }

                double Median(Func<LoadSample[], double> figure) => samples.Select(figure).Order().ElementAt(samples.Count / 2);
                string P99(Func<LoadSample[], double> figure) => Median(figure) is var value && !double.IsNaN(value) ? value.ToString("F2", CultureInfo.InvariantCulture) : "";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {row.Name} | {Median(s => s[1].RequestsPerSecond):F0} | {Median(s => s[1].RequestsPerSecond / s[0].RequestsPerSecond):F2} | {(row.HasFloor ? Median(s => s[2].RequestsPerSecond / s[0].RequestsPerSecond).ToString("F2", CultureInfo.InvariantCulture) : "")} | {Median(s => s[1].CpuMicroseconds):F1} | {Median(s => s[1].CpuMicroseconds / s[0].CpuMicroseconds):F2} | {P99(s => s[1].P99Milliseconds)} | {P99(s => s[1].P99Milliseconds / s[0].P99Milliseconds)} | {(row.HasFloor ? Median(s => s[1].CpuMicroseconds / s[2].CpuMicroseconds).ToString("F2", CultureInfo.InvariantCulture) : "")} |"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What it costs, or saves, that requests give back what they have taken.</summary>
    internal static async Task RunReclamationAsync(int rounds, int seconds)
    {
        await using TransportProcess perRequest = await TransportProcess.StartAsync(TransportKind.OneShot, upstream: "");
        await using TransportProcess never = await TransportProcess.StartAsync(TransportKind.OneShotNever, upstream: "");
        var row = new Row("", "/", HasFloor: false, ["-c32", .. BrowserHead()]);
        var samples = new List<(LoadSample PerRequest, LoadSample Never)>();
        for (int round = -1; round < rounds; round++)
        {
            LoadSample first = await LoadAsync(round % 2 == 0 ? perRequest : never, row, seconds);
            LoadSample second = await LoadAsync(round % 2 == 0 ? never : perRequest, row, seconds);
            if (round >= 0)
            {
                samples.Add(round % 2 == 0 ? (first, second) : (second, first));
            }
        }

        double Median(Func<(LoadSample PerRequest, LoadSample Never), double> figure) => samples.Select(figure).Order().ElementAt(samples.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Never against PerRequest: requests/s {Median(s => s.Never.RequestsPerSecond / s.PerRequest.RequestsPerSecond):F2}, CPU {Median(s => s.Never.CpuMicroseconds / s.PerRequest.CpuMicroseconds):F2}, p99 {Median(s => s.Never.P99Milliseconds / s.PerRequest.P99Milliseconds):F2}"));
    }

    /// <summary>64 connections whose handler keeps its thread for 10 ms, and beside them 8 that want a plain answer.</summary>
    internal static async Task RunBlockingAsync(int rounds, int seconds)
    {
        await using TransportProcess sockets = await TransportProcess.StartAsync(TransportKind.Sockets, upstream: "");
        await using TransportProcess oneShot = await TransportProcess.StartAsync(TransportKind.OneShot, upstream: "");
        Console.WriteLine("| 64 handlers that block for 10 ms, 8 plain connections | blocking requests/s | plain p99 ms |");
        Console.WriteLine("|---|---|---|");
        var blocking = new Row("", "/block", HasFloor: false, ["-c64"]);
        var plain = new Row("", "/", HasFloor: false, ["-c8"]);
        foreach (TransportProcess side in (TransportProcess[])[sockets, oneShot])
        {
            var samples = new List<(double Blocking, double Plain)>();
            for (int round = -1; round < rounds; round++)
            {
                Task<LoadSample> blocked = LoadAsync(side, blocking, seconds);
                LoadSample others = await LoadAsync(side, plain, seconds);
                if (round >= 0)
                {
                    samples.Add(((await blocked).RequestsPerSecond, others.P99Milliseconds));
                }

                await blocked;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {side.Kind} | {samples.Select(s => s.Blocking).Order().ElementAt(samples.Count / 2):F0} | {samples.Select(s => s.Plain).Order().ElementAt(samples.Count / 2):F2} |"));
        }
    }

    private static Task<LoadSample> LoadAsync(TransportProcess server, Row row, int seconds) =>
        row.Endpoint == TransportEndpoint.Http2
            ? LoadTools.H2LoadAsync(server, row.Path, seconds, row.Arguments)
            : LoadTools.WrkAsync(server, row.Endpoint, row.Path, seconds, row.Arguments);

    private static string[] BrowserHead() =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "heads", "chromium-navigate.http")).Skip(1)
            .TakeWhile(line => line.Length > 0).Where(line => !line.StartsWith("Host", StringComparison.OrdinalIgnoreCase)).SelectMany(line => new[] { "-H", line })];

    private static string Write(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
