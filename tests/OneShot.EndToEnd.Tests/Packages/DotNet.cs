using System.Diagnostics;

namespace OneShot.EndToEnd.Tests.Packages;

/// <summary>The SDK that runs the tests.</summary>
internal static class DotNet
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    internal static Task<ToolResult> RunAsync(IEnumerable<string> arguments, string? folder = null)
    {
        ProcessStartInfo start = Tool.StartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments, input: false);
        start.WorkingDirectory = folder ?? start.WorkingDirectory;
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // no process may stay behind
        return Tool.RunAsync(start, s_patience);
    }
}
