using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// Who may write to the transport during a request. As a rule nobody but the application, through the response. Two things may
/// go out on another thread before the response has begun to write: an interim response, and what earlier responses have left.
/// The response need not wait until the client has taken either; what it writes meanwhile goes out behind them.
/// </summary>
internal abstract partial class Http1Exchange
{
    private readonly Lock _outputLock = new();
    private bool _sharesOutput;
    private bool _followsHeld;
    private bool _isOutputClaimed;
    private bool _isHeldSent;

    /// <summary>Nobody but the response's writer writes to the transport during this request.</summary>
    internal bool IsOnlyWriter => !_sharesOutput;

    /// <summary>Responses wait that must not wait for the application.</summary>
    internal bool MustSendHeldFirst => _followsHeld && !(_isSafe && _body == _emptyBody);

    /// <summary>
    /// Before the application runs: responses that were held back wait for it only if all it does is to answer, which is what
    /// GET and HEAD are for. Anything else may read a body, and its client may send that only when it has the other answers.
    /// </summary>
    internal async ValueTask SendHeldBeforeOthersAsync()
    {
        await FlushHeldAsync();
        _followsHeld = false;
        _sharesOutput = _expectsContinue;
        _isHeldSent = false;
    }

    /// <summary>
    /// Sends the responses that were held back, because this request has come to wait for something. Never fails: the response's
    /// own flush meets the same transport.
    /// </summary>
    internal ValueTask FlushHeldAsync() => _followsHeld ? FlushHeldUnlessClaimedAsync() : default;

    /// <summary><c>100 Continue</c>, when the application is about to wait for a body the client is holding back (RFC 9110 section 10.1.1).</summary>
    internal async ValueTask SendContinueIfExpectedAsync()
    {
        if (!_expectsContinue)
        {
            return;
        }

        // An application may read on one thread and start the response on another.
        Task flush;
        lock (_outputLock)
        {
            if (_isOutputClaimed)
            {
                return;
            }

            _expectsContinue = false;
            ResponseHeadWriter.WriteContinue(_connection.Output);
            _isHeldSent = true;
            flush = FlushAsTaskAsync();
        }

        await flush;
    }

    private async ValueTask FlushHeldUnlessClaimedAsync()
    {
        Task? flush = null;
        lock (_outputLock)
        {
            if (!_isOutputClaimed && !_isHeldSent)
            {
                _isHeldSent = true;
                flush = FlushAsTaskAsync();
            }
        }

        if (flush is not null)
        {
            await flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>From here on the response's writer is the only one.</summary>
    private void ClaimOutput()
    {
        if (_sharesOutput)
        {
            lock (_outputLock)
            {
                _isOutputClaimed = true;
            }
        }
    }

    private async Task FlushAsTaskAsync() => await FlushTransportAsync();

    private void BeginOutput(bool mayContinue)
    {
        _followsHeld = _connection.HasHeld;
        _sharesOutput = mayContinue || _followsHeld;
        _isOutputClaimed = false;
        _isHeldSent = false;
    }
}
