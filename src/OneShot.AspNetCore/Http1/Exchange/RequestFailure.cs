using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>What has gone wrong with the present request: what the application has thrown, and why its body was refused.</summary>
/// <param name="service">The log, the counter of refusals, and Kestrel's event.</param>
/// <param name="lifetime">The connection's.</param>
/// <param name="response">The response, which a failure makes an error or cuts short.</param>
/// <param name="features">What the event shows.</param>
internal sealed class RequestFailure(Http1ServiceContext service, ConnectionLifetime lifetime, ResponseLifecycle response, IFeatureCollection features)
{
    /// <summary>The event by which Kestrel tells of bad requests; <see cref="IBadRequestExceptionFeature"/> says why. Applications subscribe to it by name.</summary>
    private const string BadRequestEvent = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private Values _values;

    /// <summary>What the application has thrown, for the host's diagnostics.</summary>
    internal Exception? Exception => _values.Exception;

    /// <summary>That the request is bad, whether the front or the application has found it so.</summary>
    internal BadHttpRequestException? BadRequest => _values.BadRequest;

    /// <summary>Why the front has refused the body, if it has.</summary>
    internal BadHttpRequestException? Refusal => _values.Refusal;

    /// <summary>The application has let through that the request is bad: nothing else makes that its answer.</summary>
    internal bool IsFoundBad => _values.IsFoundBad;

    /// <summary>The process arena had no memory for the request, which is to be turned away.</summary>
    internal bool IsRefusedForSpace => _values.IsRefusedForSpace;

    internal void Begin() => _values = default;

    /// <summary>The application has failed. For the loop, and what the loop waits for.</summary>
    internal void Report(Exception exception)
    {
        using (response.Enter())
        {
            if (!Note(exception))
            {
                return;
            }
        }

        LogFailure(exception);
    }

    /// <summary>The application says that it has failed. Without effect where its part is over: the response goes out as it is, and so does the next.</summary>
    /// <param name="exception">With what.</param>
    /// <param name="part">The application's part when the call came; by default this moment's.</param>
    internal void TryReport(Exception exception, int? part = null)
    {
        using (response.Enter())
        {
            if (!response.IsUnderWay(part ?? response.Part) || !Note(exception))
            {
                return;
            }
        }

        LogFailure(exception);
    }

    /// <returns>False when it is known: from the write that has failed with it, which the application did not catch.</returns>
    private bool Note(Exception exception)
    {
        if (ReferenceEquals(exception, _values.Exception))
        {
            return false;
        }

        response.Apply(ResponseEvent.Fail);
        _values.Exception = _values.Exception is { } earlier ? new AggregateException(earlier, exception) : exception;
        return true;
    }

    private void LogFailure(Exception exception)
    {
        if (exception is BadHttpRequestException bad && ReferenceEquals(bad, _values.Refusal))
        {
            return; // was logged when the body was refused, whether or not the application lets it through
        }

        if (exception is BadHttpRequestException && _values.IsFoundBad)
        {
            Events.ConnectionBadRequest(service.Logger, lifetime.Identity.ConnectionId, exception.Message);
        }
        else
        {
            Log(exception);
        }
    }

    /// <summary>What the application has thrown is its word on the request: whether that is bad, or was turned away.</summary>
    internal void Classify(Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException bad when !ReferenceEquals(bad, _values.Exception): // else a callback has thrown it
                _values.BadRequest = bad;
                _values.IsFoundBad = true;
                if (!ReferenceEquals(bad, _values.Refusal))
                {
                    RaiseBadRequest();
                }

                lifetime.CloseAfterResponse(ConnectionError.Other); // where the front has refused, the refusal's own stands already
                break;
            case ArenaExhaustedException when service.Arenas.Process.Exhaustion == ArenaExhaustion.Reject:
                _values.IsRefusedForSpace = true;
                break;
        }
    }

    /// <summary>Refuses the body. Whoever asks again is refused for the same reason, and it is logged once.</summary>
    internal BadHttpRequestException Refuse(RequestRejection rejection)
    {
        if (_values.Refusal is null)
        {
            RefusalLog.RequestRefused(service.Logger, lifetime.Identity.ConnectionId, rejection);
            service.Rejections?.Count(rejection);
            lifetime.CloseAfterResponse(RequestRejections.ErrorType(rejection));
            _values.Refusal = new BadHttpRequestException(RequestRejections.Description(rejection), RequestRejections.StatusCode(rejection));
            _values.BadRequest = _values.Refusal;
            RaiseBadRequest();
        }

        return _values.Refusal;
    }

    /// <summary>Anything may be thrown with these types; it is the connection's end that makes it its word.</summary>
    internal bool IsEndOfConnection(Exception exception) => exception switch
    {
        BadHttpRequestException => false, // an IOException too, but one that has an answer
        OperationCanceledException or IOException => lifetime.IsCut || lifetime.RequestAbort.IsConnectionClosed,
        _ => false,
    };

    internal void Log(Exception exception) =>
        Events.ApplicationError(service.Logger, lifetime.Identity.ConnectionId, lifetime.Identity.TraceIdentifier, exception);

    internal void LogAborted() => Events.RequestAborted(service.Logger, lifetime.Identity.ConnectionId, lifetime.Identity.TraceIdentifier);

    /// <summary>Whether somebody wants to hear of a head that was refused.</summary>
    internal bool IsHeadRefusalObserved => service.Diagnostics?.IsEnabled(BadRequestEvent) == true;

    /// <summary>The connection's last head was refused.</summary>
    internal void HeadRefused(RequestRejection rejection, int status)
    {
        _values = new Values { BadRequest = new BadHttpRequestException(RequestRejections.Description(rejection), status) };
        RaiseBadRequest();
    }

    [UnconditionalSuppressMessage("ReflectionAnalysis", "IL2026", Justification = "Who subscribes casts the value to the public interface IFeatureCollection.")]
    private void RaiseBadRequest()
    {
        if (service.Diagnostics is { } diagnostics && diagnostics.IsEnabled(BadRequestEvent))
        {
            diagnostics.Write(BadRequestEvent, features);
        }
    }

    private struct Values
    {
        public Exception? Exception;
        public BadHttpRequestException? BadRequest;
        public BadHttpRequestException? Refusal;
        public bool IsFoundBad;
        public bool IsRefusedForSpace;
    }
}
