using System.Globalization;
using OneShot.LoadTest.Drill;
using Spectre.Console;

namespace OneShot.LoadTest.Report;

/// <summary>A drill on the console.</summary>
internal static class DrillTable
{
    public static void Write(IAnsiConsole console, DrillResult result)
    {
        console.Write(Totals(result));
        console.Write(Phases(result));
        foreach (Restart restart in result.Restarts.Where(restart => restart.Killed))
        {
            console.MarkupLineInterpolated($"[yellow]Replica {restart.Replica + 1} did not end within its grace period and was killed.[/]");
        }

        foreach ((string kind, int count) in result.Failures)
        {
            console.MarkupLineInterpolated($"[red]{count} x {kind}[/]");
        }
    }

    private static Table Totals(DrillResult result)
    {
        Table table = Empty(result.Options.Mode switch
        {
            DrillMode.Kubernetes => "Restarts by self-drain and kubelet's rules",
            DrillMode.Liveness => "Restarts by liveness and kubelet's rules",
            _ => "Restarts by self-drain and Docker's rules",
        });
        table.AddColumn("");
        table.AddColumn(new TableColumn("").RightAligned());
        table.HideHeaders();
        void Row(string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));

        Row("duration", Figures.Duration(result.Duration));
        Row("requests", Figures.Count(result.Succeeded + result.Failed));
        Row("failed requests", Figures.Count(result.Failed));
        Row("sent again by the balancer", Figures.Count(result.Retries));
        Row("sent to draining replicas", Figures.Count(result.LastResort));
        Row("restarts", Figures.Count(result.Restarts.Count));
        Row("not planned", Figures.Count(result.Unplanned.Count()));
        if (result.Restarts.Count > 0)
        {
            Row("life of a replica", $"{Figures.Duration(result.Restarts.Min(restart => restart.Life))} to {Figures.Duration(result.Restarts.Max(restart => restart.Life))}");
            Row("longest back-off", Figures.Duration(result.Restarts.Max(restart => restart.BackOff)));
        }

        if (result.Timeline.Away.Count > 0)
        {
            Row("away for", $"{Figures.Duration(result.Timeline.Away.Min())} to {Figures.Duration(result.Timeline.Away.Max())}");
        }

        Row("answer, median", Figures.Milliseconds(result.Latencies.Median));
        Row("answer, p99.9", Figures.Milliseconds(result.Latencies.P999));
        Row("answer, longest", Figures.Milliseconds(result.Latencies.Longest));
        for (int ready = 0; ready < result.Timeline.ReadyCounts.Count; ready++)
        {
            Row(string.Create(CultureInfo.InvariantCulture, $"time with {ready} ready"), Figures.Duration(result.Timeline.ReadyCounts[ready]));
        }

        return table;
    }

    private static Table Phases(DrillResult result)
    {
        Table table = Empty("Time in each phase");
        table.AddColumn("replica");
        foreach (ReplicaPhase phase in Enum.GetValues<ReplicaPhase>())
        {
            table.AddColumn(new TableColumn(phase.ToString()).RightAligned());
        }

        table.AddColumn(new TableColumn("restarts").RightAligned());
        for (int i = 0; i < result.Timeline.Replicas.Count; i++)
        {
            table.AddRow([
                (i + 1).ToString(CultureInfo.InvariantCulture),
                .. Enum.GetValues<ReplicaPhase>().Select(phase => Figures.Duration(result.Timeline.Replicas[i][phase])),
                result.Restarts.Count(restart => restart.Replica == i).ToString(CultureInfo.InvariantCulture),
            ]);
        }

        return table;
    }

    private static Table Empty(string title) => new() { Title = new TableTitle(title), Border = TableBorder.Rounded };
}
