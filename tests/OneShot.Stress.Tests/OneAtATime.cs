namespace OneShot.Stress.Tests;

/// <summary>Tests that watch the whole process, or load it, run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "One at a time";
}
