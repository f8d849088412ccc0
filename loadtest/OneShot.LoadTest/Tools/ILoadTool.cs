namespace OneShot.LoadTest.Tools;

/// <summary>A program that sends requests as fast as they are answered.</summary>
internal interface ILoadTool
{
    public string Name { get; }

    /// <summary>Whether fields that change do so with every request. Where they cannot, every request carries the same values.</summary>
    public bool CanChangeHeaders { get; }

    /// <summary>Whether several requests can be sent together on a connection.</summary>
    public bool CanPipeline { get; }

    /// <summary>Whether requests can have a body.</summary>
    public bool CanPost { get; }

    /// <exception cref="LoadTestException">The tool failed, or what it printed is not its result.</exception>
    public Task<LoadOutcome> RunAsync(LoadPlan plan, CancellationToken cancellationToken);
}
