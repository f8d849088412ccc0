using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The end of a request before its end: the client goes away, or the application cuts the connection.
/// The token fires at most once, and never after the request is complete.
/// </summary>
internal abstract partial class Http1Exchange : IHttpRequestLifetimeFeature
{
    private readonly Lock _lifetimeLock = new();
    private CancellationTokenSource? _abortedSource;
    private CancellationToken? _abortedOverride;
    private volatile bool _isActive;
    private volatile bool _isTokenRetired;
    private bool _isConnectionClosed;

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get
        {
            lock (_lifetimeLock)
            {
                if (_abortedOverride is { } token)
                {
                    return token;
                }

                if (_isConnectionClosed && _abortedSource is null)
                {
                    return new CancellationToken(canceled: true);
                }

                return (_abortedSource ??= new CancellationTokenSource()).Token;
            }
        }

        set
        {
            lock (_lifetimeLock)
            {
                _abortedOverride = value;
            }
        }
    }

    private bool IsRequestAborted
    {
        get
        {
            lock (_lifetimeLock)
            {
                return _isConnectionClosed;
            }
        }
    }

    /// <summary>The connection has been cut, by the application or a timeout: what is written goes nowhere, what is read is cancelled.</summary>
    internal bool IsConnectionCut => _connection.IsAborted;

    void IHttpRequestLifetimeFeature.Abort() => _connection.Abort(ConnectionError.AbortedByApplication, Aborted());

    /// <summary>What who reads from the cut connection is told.</summary>
    internal static ConnectionAbortedException Aborted() => new("The connection was aborted by the application via HttpContext.Abort().");

    /// <summary>The connection is gone, in whichever way. Called from any thread.</summary>
    internal void OnAborted()
    {
        CancellationTokenSource? source;
        lock (_lifetimeLock)
        {
            _isConnectionClosed = true;
            source = _isTokenRetired ? null : _abortedSource;
        }

        if (source is not null)
        {
            // The callbacks are the application's: they must not run on the transport's thread.
            ThreadPool.UnsafeQueueUserWorkItem(
                static fired => fired.Exchange.FireAborted(fired.Source), (Exchange: this, Source: source), preferLocal: false);
        }
    }

    private void FireAborted(CancellationTokenSource source)
    {
        lock (_lifetimeLock)
        {
            if (_isTokenRetired || !ReferenceEquals(_abortedSource, source))
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
            Http1Log.ApplicationError(_front.Logger, _connection.ConnectionId, TraceIdentifier, exception);
        }
    }

    /// <remarks>
    /// No lock, at both ends of every request: a late <see cref="FireAborted"/> that still sees the old request finds the token
    /// retired, and one that sees the new one finds no source.
    /// </remarks>
    private void BeginLifetime()
    {
        _abortedOverride = null;
        _abortedSource = null;
        _isTokenRetired = false;
    }

    /// <summary>From here on the token of this request never fires.</summary>
    private void FinishLifetime() => _isTokenRetired = true;
}
