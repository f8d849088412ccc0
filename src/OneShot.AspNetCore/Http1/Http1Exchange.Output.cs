using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// Who may write to the transport during a request. As a rule nobody but the application, through the response; two things
/// may go out beside it, and never behind the head of its response: an interim response, and what earlier responses have left.
/// </summary>
internal abstract partial class Http1Exchange
{
    /// <summary>Held to write to the transport, up to the head of the response, where two threads may.</summary>
    private readonly Lock _outputLock = new();

    private bool _sharesOutput;
    private bool _followsHeld;
    private Task? _otherFlush;

    /// <summary>Nobody but the response's writer writes to the transport during this request.</summary>
    internal bool IsOnlyWriter => !_sharesOutput;

    /// <summary>
    /// Sends the responses that were held back, because the application makes this one wait. It may be writing its head at
    /// this moment, on its own thread: then they go out with it.
    /// </summary>
    internal Task FlushHeldAsync()
    {
        if (!_followsHeld)
        {
            return Task.CompletedTask;
        }

        lock (_outputLock)
        {
            if (HasStarted)
            {
                return Task.CompletedTask;
            }

            ValueTask<FlushResult> flush = FlushTransportAsync();
            if (flush.IsCompletedSuccessfully)
            {
                flush.GetAwaiter().GetResult();
                return Task.CompletedTask;
            }

            return _otherFlush = flush.AsTask();
        }
    }

    private void BeginOutput(bool mayContinue)
    {
        _followsHeld = _connection.HasHeld;
        _sharesOutput = mayContinue || _followsHeld;
        _otherFlush = null;
    }
}
