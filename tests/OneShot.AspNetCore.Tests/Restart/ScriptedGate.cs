using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>A gate that says what a test wants.</summary>
internal sealed class ScriptedGate : IRestartGate
{
    private int _questions;
    private int _left;

    public volatile bool Answer;

    public Task<bool>? Pending { get; set; }

    public ManualResetEventSlim? Blocks { get; set; }

    public bool ThrowsAtOnce { get; set; }

    public int Questions => Volatile.Read(ref _questions);

    public int Left => Volatile.Read(ref _left);

    public CancellationToken Token { get; private set; }

    public ValueTask<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        Token = cancellationToken;
        Interlocked.Increment(ref _questions);
        Blocks?.Wait(cancellationToken);
        if (ThrowsAtOnce)
        {
            throw new TimeoutException();
        }

        if (Pending is { } pending)
        {
            return new ValueTask<bool>(pending);
        }

        return ValueTask.FromResult(Answer);
    }

    public ValueTask LeaveAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _left);
        return ValueTask.CompletedTask;
    }
}
