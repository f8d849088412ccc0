using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The sample compiled ahead of time, by the command of the README. <c>.ci/run</c> has published it before the tests run: then nothing is left to do.</summary>
internal static class NativeSample
{
    // The compiler takes a minute on two cores, and its packages come over the network the first time.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(8);

    private static readonly string[] s_linkers = ["clang", "gcc"];

    private static readonly Lazy<Task<ToolResult>> s_published = new(PublishAsync);

    private static string Runtime => $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string Artifacts => RepositoryFile.PathOf("artifacts/native");

    /// <summary>The path of the program; skips the test where there is nothing to compile it with.</summary>
    internal static async Task<string> ProgramAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The sample is published for Linux.");
        Assert.SkipUnless(s_linkers.Any(Tool.IsInstalled), "Neither clang nor gcc is installed, and a program that is compiled ahead of time needs one of them to be linked; .ci/run installs clang.");

        ToolResult result = await s_published.Value;
        // The compiler is a package: NU1101 and NU1301 are restore's words for a feed that does not have it, or does not answer.
        Assert.SkipWhen(
            result.ExitCode != 0 && (result.Output.Contains("NU1101", StringComparison.Ordinal) || result.Output.Contains("NU1301", StringComparison.Ordinal)),
            $"The package of the ahead-of-time compiler is not to be had: {result.Output}");
        result.Succeeded();
        Assert.DoesNotContain("warning IL", result.Output, StringComparison.Ordinal);
        return Path.Combine(Artifacts, "publish", "HeaderServer", $"release_{Runtime}", "HeaderServer");
    }

    private static async Task<ToolResult> PublishAsync()
    {
        // Artifacts of its own: the restore of the others knows no compiler, and must not hear of it while tests run.
        string[] arguments =
        [
            "publish", RepositoryFile.PathOf("samples/HeaderServer"), "--configuration", "Release", "--runtime", Runtime,
            "-p:PublishAot=true", "--artifacts-path", Artifacts, "-nodeReuse:false",
        ];
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RepositoryFile.Root,
        };
        foreach (string variable in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(variable); // of the build that has started these tests
        }

        return await Tool.RunAsync(start, s_patience);
    }
}
