using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>
/// Whether a process that is full enough to drain may begin: after its own share of <see cref="RestartOptions.JitterTime"/>, and when the
/// application's <see cref="IRestartGate"/> lets it.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>state</term><description>what leads where</description></listheader>
/// <item><term>Shut</term><description>the process is full enough: Waiting</description></item>
/// <item><term>Waiting</term><description>its time is over: Asking; without a gate: Open</description></item>
/// <item><term>Asking</term><description>the gate says yes, or throws: Open; it says no: asked again a second later</description></item>
/// <item><term>Open</term><description>stays, while the process drains</description></item>
/// <item><term>any</term><description>full enough no more: Shut, and the gate is left where it had said yes</description></item>
/// </list>
/// <para>Where there is neither a time nor a gate it is always open. <see cref="IsOpen"/> may be read by any thread; the rest is the monitor's samples.</para>
/// </remarks>
internal sealed class DrainPermit(IRestartGate? gate, double draw, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan s_askedEvery = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private TimeSpan _jitterTime;
    private State _state = State.Shut;
    private long _since;
    private Task<bool>? _question;
    private bool _isRefusalTold;
    private volatile bool _isOpen = gate is null;

    private enum State
    {
        Shut,
        Waiting,
        Asking,
        Open,
    }

    /// <summary>A process that wants to drain may.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Takes new options.</summary>
    public void Apply(TimeSpan jitterTime)
    {
        _jitterTime = jitterTime * draw;
        _isOpen = _state == State.Open || (gate is null && _jitterTime == TimeSpan.Zero);
    }

    /// <summary>Takes note of whether the process wants to drain, or drains, and goes on from there.</summary>
    public void Sample(bool isWanted)
    {
        if (!isWanted)
        {
            Shut();
            return;
        }

        if (_state == State.Shut)
        {
            Become(State.Waiting);
        }

        if (_state == State.Waiting && time.GetElapsedTime(_since) >= _jitterTime)
        {
            Become(gate is null ? State.Open : State.Asking);
        }

        if (_state == State.Asking)
        {
            Ask();
        }
    }

    /// <summary>Questions that are under way are given up.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Ask()
    {
        if (_question is null)
        {
            _question = QuestionAsync();
        }

        if (!_question.IsCompleted || (!_question.Result && time.GetElapsedTime(_since) < s_askedEvery))
        {
            return;
        }

        if (_question.Result)
        {
            Become(State.Open);
            return;
        }

        if (!_isRefusalTold)
        {
            _isRefusalTold = true;
            RestartLog.GateRefuses(logger);
        }

        Become(State.Asking);
    }

    /// <summary>A gate that fails keeps nobody: a restart that comes together with others is better than none.</summary>
    private async Task<bool> QuestionAsync()
    {
        try
        {
            return await gate!.TryEnterAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!_stopping.IsCancellationRequested)
            {
                RestartLog.GateFailed(logger, exception);
            }

            return true;
        }
    }

    private void Shut()
    {
        bool wasLet = _state == State.Open;
        if (_state == State.Shut)
        {
            return;
        }

        Task<bool>? question = _question;
        Become(State.Shut);
        _isRefusalTold = false;
        if (gate is not null && (wasLet || question is not null))
        {
            _ = LeaveAsync(question);
        }
    }

    /// <summary>Also after a question whose answer nobody waits for any more.</summary>
    private async Task LeaveAsync(Task<bool>? question)
    {
        try
        {
            if (question is null || await question.ConfigureAwait(false))
            {
                await gate!.LeaveAsync(_stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            RestartLog.GateFailed(logger, exception);
        }
    }

    private void Become(State state)
    {
        _state = state;
        _since = time.GetTimestamp();
        _question = null;
        _isOpen = state == State.Open || (gate is null && _jitterTime == TimeSpan.Zero);
    }
}
