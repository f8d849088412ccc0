using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>A gate that says what a test wants.</summary>
internal sealed class ScriptedGate : IRestartGate
{
    private int _left;

    public bool Answer { get; set; }

    public Task<bool>? Pending { get; set; }

    public bool ThrowsAtOnce { get; set; }

    public int Questions { get; private set; }

    public int Left => Volatile.Read(ref _left);

    public CancellationToken Token { get; private set; }

    public ValueTask<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        Questions++;
        Token = cancellationToken;
        if (ThrowsAtOnce)
        {
            throw new TimeoutException();
        }

        return Pending is { } pending ? new ValueTask<bool>(pending) : ValueTask.FromResult(Answer);
    }

    public ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _left);
        return ValueTask.CompletedTask;
    }
}
