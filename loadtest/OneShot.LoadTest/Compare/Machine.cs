using System.Runtime.InteropServices;

namespace OneShot.LoadTest.Compare;

/// <summary>What the figures were taken on; without that they mean nothing.</summary>
internal sealed record Machine(string Processor, int Cores, string System, string Runtime, bool DebugBuild)
{
    private const string ProcessorInfo = "/proc/cpuinfo";

    public static Machine Read(bool debugBuild) => new(
        ProcessorName(), Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, debugBuild);

    private static string ProcessorName()
    {
        string? line = File.Exists(ProcessorInfo)
            ? File.ReadLines(ProcessorInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
