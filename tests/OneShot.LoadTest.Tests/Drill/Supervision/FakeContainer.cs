using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.LoadTest.Tests.Drill.Supervision;

/// <summary>A container whose health, and whose manners when it is stopped, a test sets.</summary>
internal sealed class FakeContainer(VirtualTime time, List<string> diary) : IContainer
{
    private readonly TaskCompletionSource<int> _exited = new();

    public Task<int> Exited => _exited.Task;

    public bool Healthy { get; set; } = true;

    public bool IgnoresTerm { get; init; }

    public void Exit(int code) => _exited.TrySetResult(code);

    public Task<bool> ProbeAsync(string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Note(Healthy ? "probe" : "probe fails");
        return Task.FromResult(Healthy);
    }

    public void Terminate()
    {
        Note("SIGTERM");
        if (!IgnoresTerm)
        {
            Exit(0);
        }
    }

    public void Kill()
    {
        Note("SIGKILL");
        Exit(137);
    }

    public ValueTask DisposeAsync() => default;

    private void Note(string what) => diary.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.Seconds:0.0} {what}"));
}
