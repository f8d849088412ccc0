namespace OneShot.Tests.Codegen;

/// <summary>
/// What an allocation costs in machine instructions: see <see cref="MachineCode"/> for what is counted. The reference is
/// the result; what the caller then does with it (a length in a register, a value stored) is not part of the allocation.
/// </summary>
public class CodegenTests(Listing listing) : IClassFixture<Listing>
{
    [Theory]
    [InlineData("Arena64")]
    [InlineData("ArenaThreeLongs")]
    public void An_arena_allocates_a_constant_size_in_six_instructions_and_one_branch(string probe) => Check(probe, instructions: 6, branches: 1, locked: 0);

    [Theory]
    [InlineData("ArenaNew")]
    public void New_adds_the_store_of_the_value_and_nothing_else(string probe) => Check(probe, instructions: 7, branches: 1, locked: 0);

    [Theory]
    [InlineData("ArenaVariable")]
    public void A_size_known_only_at_run_time_adds_its_rounding(string probe) => Check(probe, instructions: 9, branches: 1, locked: 0);

    [Theory]
    [InlineData("Process64")]
    [InlineData("ProcessTry64")]
    public void A_process_arena_allocates_in_twelve_instructions_two_branches_and_one_locked_addition(string probe) => Check(probe, instructions: 12, branches: 2, locked: 1);

    [Theory]
    [InlineData("ProcessVariable")]
    public void A_process_arena_checks_a_size_known_only_at_run_time_for_its_sign(string probe) => Check(probe, instructions: 19, branches: 3, locked: 1);

    private void Check(string probe, int instructions, int branches, int locked)
    {
        Assert.SkipUnless(Listing.Available, "The counts are those of x64 instructions.");
        MachineCode code = listing.WithAtMost(instructions, probe);
        string path = string.Join(Environment.NewLine, code.HotPath);
        Assert.True(code.HotPath.Count <= instructions, $"{probe} takes {code.HotPath.Count} instructions:{Environment.NewLine}{path}");
        Assert.True(code.Branches.Count() <= branches, $"{probe} takes {code.Branches.Count()} branches:{Environment.NewLine}{path}");
        Assert.True(!code.Calls.Any(), $"{probe} calls:{Environment.NewLine}{path}");
        Assert.True(code.Locked.Count() == locked && code.Locked.All(instruction => instruction.StartsWith("lock xadd", StringComparison.Ordinal)), $"{probe} locks:{Environment.NewLine}{path}");

        // Thread-local storage is addressed through fs or gs, or through a call.
        Assert.True(!code.HotPath.Any(instruction => instruction.Contains("fs:", StringComparison.Ordinal) || instruction.Contains("gs:", StringComparison.Ordinal)), $"{probe} reads thread-local storage:{Environment.NewLine}{path}");
    }
}
