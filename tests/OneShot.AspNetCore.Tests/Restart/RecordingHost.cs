namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>A host that only notes how often it was told to stop.</summary>
internal sealed class RecordingHost : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public int Stops { get; private set; }

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication()
    {
        Stops++;
        _stopping.Cancel();
    }

    public void Dispose() => _stopping.Dispose();
}
