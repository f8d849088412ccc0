namespace OneShot.EndToEnd.Tests.Uploads;

/// <summary>For tests that measure the memory of the process: nothing else runs meanwhile.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
