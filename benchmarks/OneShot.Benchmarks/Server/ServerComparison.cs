using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;

namespace OneShot.Benchmarks.Server;

/// <summary>
/// The server's own cost of a request, stock Kestrel against the front, in turn within one run: a noisy machine slows both
/// sides of a pair alike, so the ratio of pairs is the figure to quote.
/// </summary>
internal static class ServerComparison
{
    private const int Rounds = 31;
    private const int RequestsInRound = 20_000;

    internal static async Task RunAsync()
    {
        await using ServerSide stock = await ServerSide.StartAsync(front: false);
        await using ServerSide front = await ServerSide.StartAsync(front: true);
        Console.WriteLine("| request | Kestrel ns | front ns | times as fast | Kestrel B | front B |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (ServerScenario scenario in ServerScenario.All)
        {
            (PipeReader, PipeWriter) stockClient = stock.Connect();
            (PipeReader, PipeWriter) frontClient = front.Connect();
            var pairs = new List<(Cost Stock, Cost Front)>();
            for (int round = -5; round < Rounds; round++)
            {
                Cost a = await DriveAsync(stockClient, scenario.Requests);
                Cost b = await DriveAsync(frontClient, scenario.Requests);
                if (round >= 0)
                {
                    pairs.Add((a, b));
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {scenario.Name} | {Median(pairs, pair => pair.Stock.Nanoseconds):F0} | {Median(pairs, pair => pair.Front.Nanoseconds):F0} "
                + $"| {Median(pairs, pair => pair.Stock.Nanoseconds / pair.Front.Nanoseconds):F2} "
                + $"| {pairs.Min(pair => pair.Stock.Bytes):F0} | {pairs.Min(pair => pair.Front.Bytes):F0} |"));
        }
    }

    private static double Median(List<(Cost Stock, Cost Front)> pairs, Func<(Cost Stock, Cost Front), double> figure) =>
        pairs.Select(figure).Order().ElementAt(pairs.Count / 2);

    /// <summary>Both ends run inline on one thread of the pool; what is not answered inline is waited for and spoils nothing but its round.</summary>
    private static Task<Cost> DriveAsync((PipeReader Input, PipeWriter Output) client, byte[][] requests) => Task.Run(async () =>
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < RequestsInRound; i++)
        {
            await client.Output.WriteAsync(requests[i % requests.Length]);
            if (!client.Input.TryRead(out ReadResult result))
            {
                result = await client.Input.ReadAsync();
                await Task.Yield();
            }

            if (!new SequenceReader<byte>(result.Buffer).IsNext("HTTP/1.1 200"u8))
            {
                throw new InvalidOperationException($"The request was not answered with 200: {System.Text.Encoding.ASCII.GetString(result.Buffer.ToArray())}");
            }

            client.Input.AdvanceTo(result.Buffer.End);
        }

        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / RequestsInRound;
        return new Cost(nanoseconds, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)RequestsInRound);
    });

    private readonly record struct Cost(double Nanoseconds, double Bytes);
}
