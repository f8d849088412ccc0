using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// The body that a request has read, for whoever asks for it again: a middleware that checks a signature, then the handler. On the front one
/// serves a connection, request after request.
/// </summary>
/// <remarks>
/// Thread-safe: of two that ask at once, the second is told so. A read has a ticket, and what a read of an earlier request comes back with
/// is not the present one's.
/// </remarks>
internal sealed class BodySlot
{
    private readonly Lock _lock = new();
    private long _ticket;
    private volatile BodyState _state;
    private ArenaBody _body;
    private BadHttpRequestException? _refusal;

    /// <summary>Begins a read, where there is nothing to answer with.</summary>
    /// <param name="body">What was read before.</param>
    /// <param name="ticket">The read's, for <see cref="End"/> and <see cref="Fail"/>.</param>
    /// <returns>Whether there is one to read: false with a body.</returns>
    /// <exception cref="BadHttpRequestException">The body was refused before.</exception>
    /// <exception cref="InvalidOperationException">It is being read, or was in part.</exception>
    public bool TryBegin(out ArenaBody body, out long ticket)
    {
        lock (_lock)
        {
            body = _body;
            ticket = _ticket;
            switch (_state)
            {
                case BodyState.Unread:
                    _state = BodyState.Reading;
                    ticket = ++_ticket;
                    return true;
                case BodyState.Whole:
                    return false;
                case BodyState.Refused:
                    throw _refusal!;
                case BodyState.Reading:
                    throw new InvalidOperationException("The body of this request is being read by another call, which has not returned yet.");
                default:
                    throw new InvalidOperationException("An earlier read of this request's body did not come to its end, and what it had read is gone.");
            }
        }
    }

    /// <summary>The read has brought the body.</summary>
    public void End(long ticket, in ArenaBody body)
    {
        lock (_lock)
        {
            if (ticket == _ticket && _state == BodyState.Reading)
            {
                _body = body;
                _state = BodyState.Whole;
            }
        }
    }

    /// <summary>The read has failed.</summary>
    /// <param name="ticket">The read's.</param>
    /// <param name="refusal">Why the body was refused, where that is the reason.</param>
    /// <param name="hasBegun">Whether it had got any bytes, which nobody will get again.</param>
    public void Fail(long ticket, BadHttpRequestException? refusal, bool hasBegun)
    {
        lock (_lock)
        {
            if (ticket == _ticket && _state == BodyState.Reading)
            {
                _refusal = refusal;
                _state = refusal is not null ? BodyState.Refused : hasBegun ? BodyState.Lost : BodyState.Unread;
            }
        }
    }

    /// <summary>Another request begins, or this one is over.</summary>
    public void Reset()
    {
        if (_state == BodyState.Unread)
        {
            return;
        }

        lock (_lock)
        {
            _ticket++;
            _state = BodyState.Unread;
            _body = default;
            _refusal = null;
        }
    }
}
