using OneShot.LoadTest.Compare;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace OneShot.LoadTest.Report;

/// <summary>The plots of a comparison: medians as bars, and every round's ratio, so that the noise is seen.</summary>
internal static class ComparisonPlots
{
    private const double Width = 720;
    private const double Height = 200;
    private const double HeightOfSide = 60;

    // Grey is what the others are compared with.
    private static readonly OxyColor[] s_colors =
    [
        OxyColor.FromRgb(0x8d, 0x99, 0xae),
        OxyColor.FromRgb(0x1d, 0x7a, 0x8c),
        OxyColor.FromRgb(0xd9, 0x8e, 0x04),
        OxyColor.FromRgb(0x7a, 0x4e, 0x9e),
        OxyColor.FromRgb(0x3f, 0x8f, 0x4f),
        OxyColor.FromRgb(0xb0, 0x3a, 0x48),
    ];

    public static IEnumerable<Plot> Of(ComparisonResult result)
    {
        yield return Bars(result, "requests", "Requests per second (more is better)", side => side.RequestsPerSecond);
        yield return Bars(result, "cpu", "Server CPU per request in µs (less is better)", side => side.CpuMicroseconds);
        yield return Bars(result, "managed", "Managed bytes per request (less is better)", side => side.Memory?.ManagedBytes);
        yield return Bars(result, "p99", "Latency p99 in µs (less is better)", side => side.P99);
        yield return Ratios(result);
    }

    private static Plot Bars(ComparisonResult result, string name, string title, Func<SideResult, double?> value)
    {
        PlotModel model = Model(title);
        // Upwards from the bottom: reversed, so that the first set and its first server come first.
        SetResult[] sets = [.. result.Sets.Reverse()];
        model.Axes.Add(Names(sets));
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, StringFormat = "#,0", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray, MaximumPadding = 0.15 });
        for (int side = result.Options.Sides.Count - 1; side >= 0; side--)
        {
            model.Series.Add(Series(result.Options.Sides[side].Name, Color(side), sets.Select(set => value(set.Sides[side]))));
        }

        return Export(model, name, title, result);
    }

    private static Plot Ratios(ComparisonResult result)
    {
        string title = $"Requests per second of each round, by those of {result.Options.Sides[0]}";
        PlotModel model = Model(title);
        SetResult[] sets = [.. result.Sets.Reverse()];
        model.Axes.Add(Names(sets));
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, StringFormat = "0.0", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray, MaximumPadding = 0.1 });
        for (int side = 1; side < result.Options.Sides.Count; side++)
        {
            // Side by side within the set's place, the first of them above.
            double shift = (0.5 - ((side - 0.5) / (result.Options.Sides.Count - 1))) * 0.6;
            model.Series.Add(Points(result.Options.Sides[side].Name, Color(side), sets, shift, set => set.Rounds.Select(round => round.ThroughputRatio(side))));
        }

        model.Annotations.Add(new OxyPlot.Annotations.LineAnnotation { Type = OxyPlot.Annotations.LineAnnotationType.Vertical, X = 1, Color = s_colors[0], LineStyle = LineStyle.Dash });
        return Export(model, "ratios", title, result);
    }

    /// <summary>The same side has the same color in every plot.</summary>
    public static OxyColor Color(int side) => s_colors[side % s_colors.Length];

    /// <summary>An empty plot with its legend at the right.</summary>
    public static PlotModel Model(string title)
    {
        PlotModel model = new() { Title = title, TitleFontSize = 15, Background = OxyColors.White, DefaultFont = "sans-serif", PlotAreaBorderThickness = new OxyThickness(0), Padding = new OxyThickness(16) };
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendLineSpacing = 6, LegendPadding = 16 });
        return model;
    }

    private static CategoryAxis Names(IEnumerable<SetResult> sets)
    {
        CategoryAxis axis = new() { Position = AxisPosition.Left, GapWidth = 0.4 };
        axis.Labels.AddRange(sets.Select(set => set.Headers.Name));
        return axis;
    }

    private static BarSeries Series(string title, OxyColor color, IEnumerable<double?> values)
    {
        BarSeries series = new() { Title = title, FillColor = color, LabelFormatString = "{0:#,0}", LabelPlacement = LabelPlacement.Outside, LabelMargin = 10 };
        // Without a figure there is no bar; the others keep their places.
        series.Items.AddRange(values.Index().Where(place => place.Item is not null).Select(place => new BarItem(place.Item!.Value, place.Index)));
        return series;
    }

    private static ScatterSeries Points(string title, OxyColor color, SetResult[] sets, double shift, Func<SetResult, IEnumerable<double>> values)
    {
        ScatterSeries series = new() { Title = title, MarkerFill = color, MarkerType = MarkerType.Circle, MarkerSize = 4 };
        for (int i = 0; i < sets.Length; i++)
        {
            series.Points.AddRange(values(sets[i]).Select(value => new ScatterPoint(value, i + shift)));
        }

        return series;
    }

    private static Plot Export(PlotModel model, string name, string title, ComparisonResult result) =>
        new(name, title, PlotExport.ToSvg(model, Width, Height + (HeightOfSide * result.Options.Sides.Count)));
}

/// <param name="Name">Part of a file name.</param>
/// <param name="Title">What it shows, for those who do not see it.</param>
/// <param name="Svg">A whole SVG document.</param>
internal sealed record Plot(string Name, string Title, string Svg);
