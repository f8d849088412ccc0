using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace OneShot.Benchmarks.Server;

/// <summary>Cost against the size of the head, and against the number of its fields: both ought to be straight lines.</summary>
internal static class ServerSizes
{
    private const int FieldsOfSizes = 16;
    private const int BytesOfCounts = 4000;

    private static readonly int[] s_sizes = [200, 500, 1000, 2000, 4000, 8000, 16_000, 24_000, 32_000];
    private static readonly int[] s_counts = [4, 8, 16, 32, 48, 64, 80, 100];

    /// <param name="folder">Where the two plots go.</param>
    internal static async Task RunAsync(string folder)
    {
        await using ServerSide kestrel = await ServerSide.StartAsync(ServerKind.Kestrel);
        await using ServerSide front = await ServerSide.StartAsync(ServerKind.Front);
        ServerSide[] sides = [kestrel, front];
        Directory.CreateDirectory(folder);
        await Rounds.RunAsync(sides, ServerScenario.Sized(1000, FieldsOfSizes), Rounds.Default); // until all is compiled
        await SweepAsync(sides, s_sizes, size => ServerScenario.Sized(size, size < 1000 ? 6 : FieldsOfSizes),
            "Bytes of the head", Path.Combine(folder, "cost-by-head-size.svg"));
        await SweepAsync(sides, s_counts, count => ServerScenario.Sized(BytesOfCounts, count),
            $"Fields in a head of {BytesOfCounts} bytes", Path.Combine(folder, "cost-by-field-count.svg"));
    }

    private static async Task SweepAsync(ServerSide[] sides, int[] points, Func<int, ServerScenario> scenario, string axis, string file)
    {
        var kestrel = new LineSeries { Title = "Kestrel", MarkerType = MarkerType.Circle };
        var front = new LineSeries { Title = "the front", MarkerType = MarkerType.Square };
        Console.WriteLine($"| {axis} | Kestrel ns | front ns | times as fast |");
        Console.WriteLine("|---|---|---|---|");
        foreach (int point in points)
        {
            Rounds rounds = await Rounds.RunAsync(sides, scenario(point), (Rounds: 15, Requests: 4_000));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {point} | {rounds.Nanoseconds(0):F0} | {rounds.Nanoseconds(1):F0} | {rounds.Ratio(0, 1):F2} |"));
            kestrel.Points.Add(new DataPoint(point, rounds.Nanoseconds(0) / 1000));
            front.Points.Add(new DataPoint(point, rounds.Nanoseconds(1) / 1000));
        }

        Console.WriteLine();
        var plot = new PlotModel { Background = OxyColors.White };
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = axis, Minimum = 0 });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "Microseconds of a request", Minimum = 0 });
        plot.Series.Add(kestrel);
        plot.Series.Add(front);
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.LeftTop });
        await using FileStream stream = File.Create(file);
        new SvgExporter { Width = 640, Height = 360 }.Export(plot, stream);
    }
}
