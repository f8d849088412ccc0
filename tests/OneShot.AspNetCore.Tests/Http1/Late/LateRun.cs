using System.Collections.Concurrent;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>One act, done once, in one conversation.</summary>
internal sealed class LateRun(LateAct act, Earlier earlier, Moment moment)
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Earlier Earlier => earlier;

    internal Moment Moment => moment;

    /// <summary>What the earlier request has left behind.</summary>
    internal LateParts? Parts { get; set; }

    /// <summary>What the act gave or threw.</summary>
    internal string Result { get; private set; } = "not done";

    /// <summary>The act has begun, and may wait for what the client sends now.</summary>
    internal Task Begun => _begun.Task;

    /// <summary>What a request has found that was not its own.</summary>
    internal ConcurrentQueue<string> Complaints { get; } = new();

    internal async Task ActAsync()
    {
        Task<string> result = act.RunAsync(Parts!);
        _begun.TrySetResult();
        Result = await result;
    }
}
