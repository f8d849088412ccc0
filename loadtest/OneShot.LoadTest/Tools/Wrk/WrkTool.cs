using System.Globalization;

namespace OneShot.LoadTest.Tools.Wrk;

/// <summary>wrk, with a script: header fields that change do so with every request.</summary>
internal sealed class WrkTool(string file) : ILoadTool
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public string Name => "wrk";

    public bool CanChangeHeaders => true;

    public bool CanPipeline => true;

    public bool CanPost => true;

    public async Task<LoadOutcome> RunAsync(LoadPlan plan, CancellationToken cancellationToken)
    {
        string script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, WrkScript.Write(plan.Headers, plan.Pipeline, plan.PostBytes), cancellationToken);
            return WrkResult.Parse(await ToolRun.RunAsync(file, Arguments(plan, script), plan.Duration + s_patience, cancellationToken));
        }
        finally
        {
            File.Delete(script);
        }
    }

    // Half of the cores: the server is to have the others.
    private static IEnumerable<string> Arguments(LoadPlan plan, string script) =>
    [
        "--threads", Math.Clamp(Environment.ProcessorCount / 2, 1, plan.Connections).ToString(CultureInfo.InvariantCulture),
        "--connections", plan.Connections.ToString(CultureInfo.InvariantCulture),
        "--duration", string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(plan.Duration.TotalSeconds):0}s"),
        "--timeout", "10s",
        "--script", script,
        plan.Url.AbsoluteUri,
    ];
}
