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

        FigureTable.WriteFailures(console, result.Failures);
    }

    private static Table Totals(DrillResult result)
    {
        FigureTable figures = new(result.Options.Mode switch
        {
            DrillMode.Kubernetes => "Restarts by self-drain and kubelet's rules",
            DrillMode.Liveness => "Restarts by liveness and kubelet's rules",
            _ => "Restarts by self-drain and Docker's rules",
        });
        figures.AddRequests(result.Duration, result.Succeeded, result.Failed);
        figures.Add("sent again by the balancer", Figures.Count(result.Retries));
        figures.Add("sent to draining replicas", Figures.Count(result.LastResort));
        figures.Add("restarts", Figures.Count(result.Restarts.Count));
        figures.Add("not planned", Figures.Count(result.Unplanned.Count()));
        if (result.Options.Leak > 0)
        {
            figures.Add("killed for want of memory", Figures.Count(result.OomKills));
        }

        if (result.Restarts.Count > 0)
        {
            figures.Add("life of a replica", $"{Figures.Duration(result.Restarts.Min(restart => restart.Life))} to {Figures.Duration(result.Restarts.Max(restart => restart.Life))}");
            figures.Add("longest back-off", Figures.Duration(result.Restarts.Max(restart => restart.BackOff)));
        }

        if (result.Timeline.Away.Count > 0)
        {
            figures.Add("away for", $"{Figures.Duration(result.Timeline.Away.Min())} to {Figures.Duration(result.Timeline.Away.Max())}");
        }

        figures.AddAnswers(result.Latencies);
        for (int ready = 0; ready < result.Timeline.ReadyCounts.Count; ready++)
        {
            figures.Add(string.Create(CultureInfo.InvariantCulture, $"time with {ready} ready"), Figures.Duration(result.Timeline.ReadyCounts[ready]));
        }

        return figures.Table;
    }

    private static Table Phases(DrillResult result)
    {
        Table table = FigureTable.Empty("Time in each phase");
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
}
