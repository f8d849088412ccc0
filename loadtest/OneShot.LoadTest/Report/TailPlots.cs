using System.Globalization;
using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Tail;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace OneShot.LoadTest.Report;

/// <summary>The plots of a tail benchmark, over time: the longest latency of each second, and every pause. Of the first round: its turns begin at 0 all.</summary>
internal static class TailPlots
{
    private const double Width = 960;
    private const double Height = 480;

    public static IEnumerable<Plot> Of(TailSet set, TailOptions options)
    {
        TailTurn[] turns = [.. set.Turns.Where(turn => turn.Round == 0).OrderBy(turn => turn.Side)];
        yield return Latencies(set, turns, options);
        yield return Pauses(set, turns, options);
    }

    private static Plot Latencies(TailSet set, TailTurn[] turns, TailOptions options)
    {
        string title = $"Longest latency of each second in ms, {TailRows.Title(set)}";
        PlotModel model = Model(title, options);
        foreach (TailTurn turn in turns)
        {
            LineSeries series = new() { Title = TailSides.Describe(turn.Side, options), Color = Color(turn.Side), StrokeThickness = 1.2 };
            foreach ((int second, double longest) in turn.LongestOfSecondMicroseconds.Index())
            {
                series.Points.Add(new DataPoint(second, longest / 1_000));
            }

            model.Series.Add(series);
            Mark(model, turn);
        }

        return Export(model, string.Create(CultureInfo.InvariantCulture, $"latency-{set.Garbage}"), title);
    }

    private static Plot Pauses(TailSet set, TailTurn[] turns, TailOptions options)
    {
        string title = $"Pauses of the GC in ms, {TailRows.Title(set)}";
        PlotModel model = Model(title, options);
        foreach (TailTurn turn in turns)
        {
            // A side without pauses keeps its name in the legend.
            ScatterSeries series = new() { Title = TailSides.Describe(turn.Side, options), MarkerFill = Color(turn.Side), MarkerType = MarkerType.Circle, MarkerSize = 2.5 };
            series.Points.AddRange(turn.Pauses.Select(pause => new ScatterPoint(pause.At.TotalSeconds, pause.Microseconds / 1_000)));
            model.Series.Add(series);
            Mark(model, turn);
        }

        return Export(model, string.Create(CultureInfo.InvariantCulture, $"pauses-{set.Garbage}"), title);
    }

    /// <summary>A line where something became of the budget within the turn, and where a replica ended to start again.</summary>
    private static void Mark(PlotModel model, TailTurn turn)
    {
        foreach (BudgetMark mark in turn.Marks.Where(mark => mark.At >= TimeSpan.Zero && TailRows.IsNews(mark, turn)))
        {
            model.Annotations.Add(Line(turn, mark.At, LineStyle.Dash, mark.Event switch
            {
                BudgetEvent.Due => "restart due",
                BudgetEvent.Entered => "budget entered",
                BudgetEvent.EnteredAgain => "entered again",
                BudgetEvent.Refused => "budget refused",
                BudgetEvent.NotPopulated => "not all faulted in",
                BudgetEvent.Left => "budget left",
                BudgetEvent.NotEnteredAgain => "not entered again",
                _ => "budget spent",
            }));
        }

        foreach (Restart restart in turn.Replicas?.Restarts ?? [])
        {
            model.Annotations.Add(Line(turn, restart.At, LineStyle.Solid, $"replica {restart.Replica + 1} restarts"));
        }
    }

    private static LineAnnotation Line(TailTurn turn, TimeSpan at, LineStyle style, string text) => new()
    {
        Type = LineAnnotationType.Vertical,
        X = at.TotalSeconds,
        Color = Color(turn.Side),
        TextColor = Color(turn.Side),
        LineStyle = style,
        Text = text,
    };

    private static OxyColor Color(TailSide side) => ComparisonPlots.Color((int)side);

    private static PlotModel Model(string title, TailOptions options)
    {
        PlotModel model = ComparisonPlots.Model(title);
        // Below: time needs the width.
        model.Legends.Clear();
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal, LegendItemSpacing = 24, LegendPadding = 16 });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, Maximum = options.Duration.TotalSeconds, Title = "seconds" });
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, StringFormat = "0.###", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        return model;
    }

    private static Plot Export(PlotModel model, string name, string title) => new(name, title, PlotExport.ToSvg(model, Width, Height));
}
