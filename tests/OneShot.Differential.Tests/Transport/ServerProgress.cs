namespace OneShot.Differential.Tests.Transport;

/// <summary>How far the server has come with what was sent to it: without it, "the connection stays open" could only be told by a clock.</summary>
internal sealed class ServerProgress
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _settled;
    private long _sent;
    private long _seen;
    private bool _isWaiting;

    internal bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>The server has read the end of what the client sends.</summary>
    internal bool HasSeenEnd { get; private set; }

    private bool IsSettled => HasEnded || (_isWaiting && _seen == _sent);

    internal void OnSending(int count)
    {
        lock (_lock)
        {
            _sent += count;
        }
    }

    /// <summary>The server has been handed everything up to the given position.</summary>
    internal void OnSeen(long position, bool isEnd)
    {
        lock (_lock)
        {
            _isWaiting = false;
            _seen = Math.Max(_seen, position);
            HasSeenEnd |= isEnd;
        }
    }

    internal void OnWaiting()
    {
        lock (_lock)
        {
            _isWaiting = true;
            ReleaseIfSettled();
        }
    }

    internal void OnEnded()
    {
        lock (_lock)
        {
            _ended.TrySetResult();
            ReleaseIfSettled();
        }
    }

    internal Task WhenEndedAsync() => _ended.Task;

    internal Task WhenSettledAsync()
    {
        lock (_lock)
        {
            if (IsSettled)
            {
                return Task.CompletedTask;
            }

            _settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _settled.Task;
        }
    }

    private void ReleaseIfSettled()
    {
        if (IsSettled && _settled is { } settled)
        {
            _settled = null;
            settled.SetResult();
        }
    }
}
