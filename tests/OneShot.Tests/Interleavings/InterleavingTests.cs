using System.Globalization;

namespace OneShot.Tests.Interleavings;

/// <summary>
/// The lock-free parts of the allocator in all orders of their steps, and mutants of theirs, each of which some order must
/// find out. <c>ONESHOT_SOAK_PREEMPTIONS</c> allows more preemptions than the two that CI has time for.
/// </summary>
public class InterleavingTests
{
    private static readonly int s_preemptions =
        int.TryParse(Environment.GetEnvironmentVariable("ONESHOT_SOAK_PREEMPTIONS"), CultureInfo.InvariantCulture, out int more) ? more : 2;

    [Theory]
    [InlineData("GenerationIsHeld")]
    [InlineData("IdleHoldIsTakenAway")]
    [InlineData("OvershootIsTakenBack")]
    [InlineData("RefusedMemoryIsGivenUp")]
    [InlineData("TouchedRegionGoes")]
    [InlineData("OwnersComeAndGo")]
    [InlineData("TwoMoveOn")]
    [InlineData("TrimmedBlocksAreTaken")]
    [InlineData("RefusedTrimsAreTaken")]
    public void No_order_of_steps_breaks_the_allocator(string scenario)
    {
        Exception? violation = Explorer.Explore(ExploredSources.Compile(scenario), s_preemptions, out int runs);
        Assert.True(violation is null, $"Run {runs}: {violation}");
        Assert.InRange(runs, 10, int.MaxValue);
    }

    [Theory]
    [InlineData("ResizedAtTheEnd")]
    [InlineData("ResizedWhileItGoes")]
    [InlineData("AllocatedWhileItMovesOn")]
    [InlineData("TwoTakeBlocks")]
    [InlineData("TwoEnd")]
    public void No_order_of_steps_of_two_threads_in_one_arena_harms_another(string scenario)
    {
        Exception? violation = Explorer.Explore(ExploredSources.CompileArena(scenario), s_preemptions, out int runs);
        Assert.True(violation is null, $"Run {runs}: {violation}");
        Assert.InRange(runs, 10, int.MaxValue);
    }

    [Theory]
    [InlineData("ResizedWhileItGoes")]
    [InlineData("TwoTakeBlocks")]
    public void An_arena_without_its_gate_is_found_out(string scenario)
    {
        Func<IScenario> open = ExploredSources.CompileArena(scenario, ("return other == 0 || (other != me && WaitForGate(me));", "return true;"));
        Exception? violation = Explorer.Explore(open, s_preemptions + 1, out int runs);
        Assert.True(violation is not null, $"{runs} orders did not find it out.");
    }

    public static TheoryData<string, string, string[]> Mutants => new()
    {
        { "hold after check", "GenerationIsHeld", ["if (!TryHold())", "if (false)", "_blocks++;", "Interlocked.Increment(ref _holds); _blocks++;"] },
        { "holds revived from 0", "GenerationIsHeld", ["while (holds > 0)", "while (true)", "start = IsClosed ? null : Region", "start = Region"] },
        { "no hold of its own", "GenerationIsHeld", ["private int _holds = 1;", "private int _holds = 0;", "while (holds > 0)", "while (true)", "if (left == 0)", "if (left == 0 && IsClosed)", "        Region.StopTouching();\n        ReleaseHold();", "            Interlocked.Increment(ref _holds); ReleaseHold();"] },
        { "idle re-check dropped", "IdleHoldIsTakenAway", ["        Interlocked.Exchange(ref _hold, block.Block.Generation);\n        ReleaseIfClosed();", "        Interlocked.Exchange(ref _hold, block.Block.Generation);"] },
        { "idle hold read after it was let go", "IdleHoldIsTakenAway", ["s_beingTaken, hold) == hold)", "null, hold) == hold)", "Volatile.Write(ref _hold, null);\n", "Volatile.Read(ref _hold); block = _block.Block;\n"] },
        { "overshoot rollback unordered", "OvershootIsTakenBack", ["while (Interlocked.CompareExchange(ref _line.Cursor, start, end) != end)", "Interlocked.Add(ref _line.Cursor, -size);\n        while (false)"] },
        { "GiveUp unconditional", "RefusedMemoryIsGivenUp", ["Interlocked.CompareExchange(ref _line.Cursor, start, end);\n        return null;", "Interlocked.Exchange(ref _line.Cursor, start);\n        return null;"] },
        { "Forget does not wait", "TouchedRegionGoes", ["        _touching.Enter();\n        _touching.Exit();", ""] },
        { "closed while a block is taken", "GenerationIsHeld", ["        lock (_lock)\n        {\n            // A thread", "        {\n            // A thread"] },
        { "none to take of before the full one is closed", "TwoMoveOn", ["            full?.StopTaking();\n", ""] },
        { "looked for a trim after it has put back", "TrimmedBlocksAreTaken", ["if (!join || !isTrimming)", "if (!join || !Volatile.Read(ref _isTrimming))"] },
        { "parts of a trim stay apart", "TrimmedBlocksAreTaken", ["            _isParted = true; // others", "            // others"] },
        { "owner count revived from 0", "OwnersComeAndGo", ["while (!IsClosed && count > 0)", "while (count >= 0)"] },
    };

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_mutant_is_found_out(string mutant, string scenario, string[] texts)
    {
        (string, string)[] mutations = [.. texts.Chunk(2).Select(pair => (pair[0], pair[1]))];
        Exception? violation = Explorer.Explore(ExploredSources.Compile(scenario, mutations), s_preemptions + 1, out int runs);
        Assert.True(violation is not null, $"{runs} orders did not find out: {mutant}");
    }
}
