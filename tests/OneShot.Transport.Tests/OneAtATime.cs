namespace OneShot.Transport.Tests;

/// <summary>Tests that count what the process has open, or hold up its threads, run one after the other. None leaves anything to the next.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[LeavesNothing]
public sealed class OneAtATime
{
    public const string Name = "One at a time";
}
