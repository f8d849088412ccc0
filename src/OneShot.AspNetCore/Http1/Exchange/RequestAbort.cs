using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// The end of a request before its end: the client goes away, or the connection is cut. Owns the request's token, which fires at
/// most once, and never after the request is complete.
/// </summary>
/// <remarks><see cref="OnConnectionClosed"/> comes from any thread, and so may the application; the rest is the connection's loop's.</remarks>
internal sealed class RequestAbort(ILogger logger, RequestIdentity identity)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _source;
    private CancellationToken? _override;
    private volatile bool _isRetired;
    private bool _isConnectionClosed;

    /// <summary>The connection is gone, in whichever way: nobody waits for this request's response, or for any later one's.</summary>
    internal bool IsConnectionClosed
    {
        get
        {
            lock (_lock)
            {
                return _isConnectionClosed;
            }
        }
    }

    /// <summary>The request's token: made when it is asked for, or an application's own.</summary>
    internal CancellationToken Token
    {
        get
        {
            lock (_lock)
            {
                if (_override is { } token)
                {
                    return token;
                }

                if (_isConnectionClosed && _source is null)
                {
                    return new CancellationToken(canceled: true);
                }

                return (_source ??= new CancellationTokenSource()).Token;
            }
        }

        set
        {
            lock (_lock)
            {
                _override = value;
            }
        }
    }

    /// <remarks>
    /// No lock, at both ends of every request: a late <see cref="Fire"/> that still sees the old request finds the token
    /// retired, and one that sees the new one finds no source.
    /// </remarks>
    internal void Begin()
    {
        _override = null;
        _source = null;
        _isRetired = false;
    }

    /// <summary>From here on the token of this request never fires.</summary>
    internal void Retire() => _isRetired = true;

    internal void OnConnectionClosed()
    {
        CancellationTokenSource? source;
        lock (_lock)
        {
            _isConnectionClosed = true;
            source = _isRetired ? null : _source;
        }

        if (source is not null)
        {
            // The callbacks are the application's: they must not run on the transport's thread.
            ThreadPool.UnsafeQueueUserWorkItem(static fired => fired.Abort.Fire(fired.Source), (Abort: this, Source: source), preferLocal: false);
        }
    }

    private void Fire(CancellationTokenSource source)
    {
        lock (_lock)
        {
            if (_isRetired || !ReferenceEquals(_source, source))
            {
                return; // that request is over
            }
        }

        try
        {
            source.Cancel();
        }
        catch (Exception exception)
        {
            // On this thread nobody else would catch what a callback throws, and the process would end.
            Events.ApplicationError(logger, identity.ConnectionId, identity.TraceIdentifier, exception);
        }
    }
}
