using OneShot.LoadTest.Compare;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace OneShot.LoadTest.Report;

/// <summary>The plots of a comparison: medians as bars, and every pair's ratio, so that the noise is seen.</summary>
internal static class ComparisonPlots
{
    // Room for a font wider than the one the library measures with: which one is used depends on who looks.
    private const double Spare = 40;
    private const double Width = 720;
    private const double Height = 320;
    private static readonly OxyColor s_kestrel = OxyColor.FromRgb(0x8d, 0x99, 0xae);
    private static readonly OxyColor s_front = OxyColor.FromRgb(0x1d, 0x7a, 0x8c);

    public static IEnumerable<Plot> Of(ComparisonResult result)
    {
        yield return Bars(result, "requests", "Requests per second (more is better)", side => side.RequestsPerSecond);
        yield return Bars(result, "cpu", "Server CPU per request in µs (less is better)", side => side.CpuMicroseconds);
        yield return Bars(result, "managed", "Managed bytes per request (less is better)", side => side.ManagedBytes);
        yield return Bars(result, "p99", "Latency p99 in µs (less is better)", side => side.P99);
        yield return Ratios(result);
    }

    private static Plot Bars(ComparisonResult result, string name, string title, Func<Side, double> value)
    {
        PlotModel model = Model(title);
        // Upwards from the bottom: reversed, so that the first set and its first server come first.
        SetResult[] sets = [.. result.Sets.Reverse()];
        model.Axes.Add(Names(sets));
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, StringFormat = "#,0", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray, MaximumPadding = 0.15 });
        model.Series.Add(Series("OneShot", s_front, sets.Select(set => value(set.OneShot))));
        model.Series.Add(Series("Kestrel", s_kestrel, sets.Select(set => value(set.Kestrel))));
        return Export(model, name, title);
    }

    private static Plot Ratios(ComparisonResult result)
    {
        const string Title = "Requests per second of each pair, front / Kestrel";
        PlotModel model = Model(Title);
        SetResult[] sets = [.. result.Sets.Reverse()];
        model.Axes.Add(Names(sets));
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, StringFormat = "0.0", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray, MaximumPadding = 0.1 });
        model.Series.Add(Points("pair", s_front, MarkerType.Circle, sets, set => set.Pairs.Select(pair => pair.ThroughputRatio)));
        model.Series.Add(Points("median", OxyColors.Black, MarkerType.Diamond, sets, set => [set.ThroughputRatio]));
        model.Annotations.Add(new OxyPlot.Annotations.LineAnnotation { Type = OxyPlot.Annotations.LineAnnotationType.Vertical, X = 1, Color = s_kestrel, LineStyle = LineStyle.Dash });
        return Export(model, "ratios", Title);
    }

    private static PlotModel Model(string title)
    {
        PlotModel model = new() { Title = title, TitleFontSize = 15, Background = OxyColors.White, DefaultFont = "sans-serif", PlotAreaBorderThickness = new OxyThickness(0), Padding = new OxyThickness(Spare, 8, 8, 8) };
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendLineSpacing = 6, LegendPadding = Spare / 2 });
        return model;
    }

    private static CategoryAxis Names(IEnumerable<SetResult> sets)
    {
        CategoryAxis axis = new() { Position = AxisPosition.Left, GapWidth = 0.4 };
        axis.Labels.AddRange(sets.Select(set => set.Headers.Name));
        return axis;
    }

    private static BarSeries Series(string title, OxyColor color, IEnumerable<double> values)
    {
        BarSeries series = new() { Title = title, FillColor = color, LabelFormatString = "{0:#,0}", LabelPlacement = LabelPlacement.Outside, LabelMargin = 10 };
        series.Items.AddRange(values.Select(value => new BarItem(value)));
        return series;
    }

    private static ScatterSeries Points(string title, OxyColor color, MarkerType marker, SetResult[] sets, Func<SetResult, IEnumerable<double>> values)
    {
        ScatterSeries series = new() { Title = title, MarkerFill = color, MarkerType = marker, MarkerSize = 4 };
        for (int i = 0; i < sets.Length; i++)
        {
            series.Points.AddRange(values(sets[i]).Select(value => new ScatterPoint(value, i)));
        }

        return series;
    }

    private static Plot Export(PlotModel model, string name, string title) => new(name, title, SvgExporter.ExportToString(model, Width, Height, isDocument: true));
}
