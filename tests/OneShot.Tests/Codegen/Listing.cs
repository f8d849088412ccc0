using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OneShot.Tests.Codegen;

/// <summary>
/// The machine code of the probes, as the runtime compiles them by default: tiered, with the profile it collected itself.
/// Only the delay before it starts to compile for good is shortened.
/// </summary>
public sealed class Listing
{
    private const int MostRuns = 4;

    private readonly List<string> _texts = [];

    /// <summary>
    /// The method as one run has it in so many instructions, else as the last run has it. A run beside other work may compile a probe for good
    /// before it has the profile of what is inlined there, and then does not know which way is the hot one.
    /// </summary>
    internal MachineCode WithAtMost(int instructions, string method)
    {
        MachineCode? code = null;
        for (int run = 0; run < MostRuns && !(code?.HotPath.Count <= instructions); run++)
        {
            if (run == _texts.Count)
            {
                _texts.Add(Produce());
            }

            code = MachineCode.Find(_texts[run], method) ?? code;
        }

        return code ?? throw new InvalidOperationException($"The runtime has not compiled {method} for good.");
    }

    /// <summary>The probes' executable; it also ends itself by <see cref="ArenaExhaustion.FailFast"/>, which no test could survive.</summary>
    public static string Program => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "OneShot.Codegen", "release", OperatingSystem.IsWindows() ? "OneShot.Codegen.exe" : "OneShot.Codegen"));

    public static bool Available => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static IEnumerable<string> Probes => typeof(CodegenTests).GetMethods()
        .SelectMany(test => test.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false).Cast<InlineDataAttribute>())
        .Select(row => (string)row.Data[0]!);

    private static string Produce()
    {
        // How much running it takes until the background compiler is done depends on the machine.
        string text = "";
        for (int rounds = 5_000; rounds <= 500_000; rounds *= 10)
        {
            text = Run(rounds);
            if (Probes.All(probe => MachineCode.Find(text, probe) is not null))
            {
                break;
            }
        }

        return text;
    }

    private static string Run(int rounds)
    {
        string file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Program, rounds.ToString(CultureInfo.InvariantCulture));
            start.Environment["DOTNET_JitDisasm"] = "OneShot.Codegen.Probes:*";
            start.Environment["DOTNET_JitStdOutFile"] = file;
            start.Environment["DOTNET_TC_CallCountingDelayMs"] = "0";
            start.Environment["DOTNET_TieredCompilation"] = "1";
            start.Environment["DOTNET_TieredPGO"] = "1";
            using Process child = Process.Start(start)!;
            Assert.True(child.WaitForExit(TimeSpan.FromMinutes(1)), "The probes do not end.");
            Assert.Equal(0, child.ExitCode);
            return File.ReadAllText(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
