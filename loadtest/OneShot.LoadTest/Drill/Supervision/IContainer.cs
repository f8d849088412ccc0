namespace OneShot.LoadTest.Drill.Supervision;

/// <summary>A started process, as its supervisor sees it.</summary>
internal interface IContainer : IAsyncDisposable
{
    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether <c>GET path</c> is answered with 200 to 399 within the time.</summary>
    public Task<bool> ProbeAsync(string path, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>SIGTERM.</summary>
    public void Terminate();

    /// <summary>SIGKILL.</summary>
    public void Kill();
}
