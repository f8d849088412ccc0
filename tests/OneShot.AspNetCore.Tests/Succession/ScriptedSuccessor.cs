using OneShot.AspNetCore.Succession;

namespace OneShot.AspNetCore.Tests.Succession;

/// <summary>A successor that is ready, or fails, when the test says so.</summary>
internal sealed class ScriptedSuccessor : ISuccessor
{
    private readonly TaskCompletionSource<string?> _ready = new();

    public int ProcessId => 4711;

    public Task<string?> Ready => _ready.Task;

    public bool IsKilled { get; private set; }

    public bool IsDisposed { get; private set; }

    public void BecomeReady() => _ready.SetResult(null);

    public void Fail(string why) => _ready.SetResult(why);

    public void Kill() => IsKilled = true;

    public void Dispose() => IsDisposed = true;
}
