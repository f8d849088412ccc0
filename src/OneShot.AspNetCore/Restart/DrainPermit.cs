using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

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
internal sealed class DrainPermit : IDisposable
{
    private static readonly TimeSpan s_askedEvery = TimeSpan.FromSeconds(1);

    private readonly IRestartGate? _gate;
    private readonly double _draw;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stoppingToken;
    private TimeSpan _jitterTime;
    private State _state = State.Shut;
    private long _since;
    private Task<bool>? _question;
    private Task _leaving = Task.CompletedTask;
    private bool _isRefusalTold;
    private volatile bool _isOpen;

    /// <param name="gate">The application's; null for none.</param>
    /// <param name="draw">From 0 to 1: how much of the time this process takes.</param>
    /// <param name="time">By which it waits.</param>
    /// <param name="logger">Where it is told that the gate refuses, or fails.</param>
    public DrainPermit(IRestartGate? gate, double draw, TimeProvider time, ILogger logger)
    {
        _gate = gate;
        _draw = draw;
        _time = time;
        _logger = logger;
        _stoppingToken = _stopping.Token;
        _isOpen = IsAlwaysOpen;
    }

    private enum State
    {
        Shut,
        Waiting,
        Asking,
        Open,
    }

    /// <summary>A process that wants to drain may.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>The gate has been asked, and has not answered.</summary>
    internal bool IsAsking => _question is { IsCompleted: false };

    private bool IsAlwaysOpen => _gate is null && _jitterTime == TimeSpan.Zero;

    /// <summary>Takes new options.</summary>
    public void Apply(TimeSpan jitterTime)
    {
        _jitterTime = jitterTime * _draw;
        _isOpen = _state == State.Open || IsAlwaysOpen;
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

        if (_state == State.Waiting && _time.GetElapsedTime(_since) >= _jitterTime)
        {
            Become(_gate is null ? State.Open : State.Asking);
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
            if (_leaving.IsCompleted) // or an answer that comes late would give back what this one gets
            {
                _question = Task.Run(QuestionAsync); // the samples do not wait for code of others
            }

            return;
        }

        if (!_question.IsCompleted)
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
            Events.RestartGateRefuses(_logger);
        }

        if (_time.GetElapsedTime(_since) >= s_askedEvery)
        {
            Become(State.Asking);
        }
    }

    /// <summary>A gate that fails keeps nobody: a restart that comes together with others is better than none.</summary>
    private async Task<bool> QuestionAsync()
    {
        try
        {
            return await _gate!.TryEnterAsync(_stoppingToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!_stoppingToken.IsCancellationRequested)
            {
                Events.RestartGateFailed(_logger, exception);
            }

            return true;
        }
    }

    private void Shut()
    {
        if (_state == State.Shut)
        {
            return;
        }

        Task<bool>? question = _question;
        bool wasLet = _state == State.Open;
        Become(State.Shut);
        _isRefusalTold = false;
        if (_gate is not null && (wasLet || question is not null))
        {
            _leaving = Task.Run(() => LeaveAsync(question));
        }
    }

    /// <summary>Also after a question whose answer nobody waits for any more.</summary>
    private async Task LeaveAsync(Task<bool>? question)
    {
        try
        {
            if (question is null || await question.ConfigureAwait(false))
            {
                await _gate!.LeaveAsync(_stoppingToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            if (!_stoppingToken.IsCancellationRequested)
            {
                Events.RestartGateFailed(_logger, exception);
            }
        }
    }

    private void Become(State state)
    {
        _state = state;
        _since = _time.GetTimestamp();
        _question = null;
        _isOpen = state == State.Open || IsAlwaysOpen;
    }
}
