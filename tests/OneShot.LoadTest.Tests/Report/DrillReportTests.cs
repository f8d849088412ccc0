using System.Text.Json;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Tests.Drill;

namespace OneShot.LoadTest.Tests.Report;

public class DrillReportTests
{
    [Fact]
    public void The_table_reads_as_it_was_approved() =>
        Golden.AssertEqual("drill.txt", PlainConsole.Write(console => DrillTable.Write(console, Drills.Good)));

    [Fact]
    public void Failures_and_kills_are_below_it()
    {
        string text = PlainConsole.Write(console => DrillTable.Write(console, Drills.Good with
        {
            Failures = new Dictionary<string, int> { ["GET answered with 503"] = 2 },
            Restarts = [Drills.Restart(1) with { Killed = true }],
        }));

        Assert.Contains("2 x GET answered with 503", text, StringComparison.Ordinal);
        Assert.Contains("Replica 2 did not end within its grace period and was killed.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_JSON_holds_what_was_counted()
    {
        using JsonDocument json = JsonDocument.Parse(ReportJson.Serialize(Drills.Good));
        JsonElement root = json.RootElement;

        Assert.Equal(0, root.GetProperty("failed").GetInt64());
        Assert.Equal(32_492, root.GetProperty("succeeded").GetInt64());
        Assert.Equal(2, root.GetProperty("restarts").GetArrayLength());
        Assert.Equal("Kubernetes", root.GetProperty("options").GetProperty("mode").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("verdict").ValueKind);
    }
}
