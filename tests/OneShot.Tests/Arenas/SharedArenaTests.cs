using System.Diagnostics;
using System.Globalization;
using OneShot.Tests.Codegen;

namespace OneShot.Tests.Arenas;

/// <summary>
/// Threads that share an arena, against the rules, in a process of their own that a fault would end: see <c>SharedArena</c> of
/// <c>OneShot.Codegen</c>. <c>ONESHOT_SOAK_SECONDS</c> is how long each combination takes, <c>ONESHOT_SOAK_SEED</c> where it begins.
/// </summary>
public class SharedArenaTests
{
    private static readonly string s_seconds = Environment.GetEnvironmentVariable("ONESHOT_SOAK_SECONDS") ?? "0.5";
    private static readonly string s_seed = Environment.GetEnvironmentVariable("ONESHOT_SOAK_SEED") ?? "1";

    /// <summary>Under <see cref="ArenaReclamation.Generational"/> a late write to memory that has gone is a fault by design, so the threads write nothing there.</summary>
    public static TheoryData<ArenaReclamation, ArenaExhaustion, bool> Combinations => new()
    {
        { ArenaReclamation.Never, ArenaExhaustion.Fallback, false },
        { ArenaReclamation.Never, ArenaExhaustion.Fallback, true },
        { ArenaReclamation.Never, ArenaExhaustion.Throw, false },
        { ArenaReclamation.PerRequest, ArenaExhaustion.Fallback, false },
        { ArenaReclamation.PerRequest, ArenaExhaustion.Fallback, true },
        { ArenaReclamation.PerRequest, ArenaExhaustion.Throw, false },
        { ArenaReclamation.PerRequest, ArenaExhaustion.Reject, true },
        { ArenaReclamation.Generational, ArenaExhaustion.Fallback, false },
        { ArenaReclamation.Generational, ArenaExhaustion.Throw, false },
    };

    [Theory]
    [MemberData(nameof(Combinations))]
    public Task Threads_that_share_an_arena_change_nothing_of_others(ArenaReclamation reclamation, ArenaExhaustion exhaustion, bool writes) =>
        RunAsync("shared-arena", $"{reclamation}", $"{exhaustion}", $"{writes}", s_seconds, s_seed);

    [Fact]
    public Task Threads_that_share_a_dictionary_come_back_and_change_nothing_else() => RunAsync("shared-dictionary", s_seconds, s_seed);

    private static async Task RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Listing.Program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process child = Process.Start(start)!;
        Task<string> error = child.StandardError.ReadToEndAsync();
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, $"The process has ended with {child.ExitCode.ToString(CultureInfo.InvariantCulture)}: {output}{await error}");
    }
}
