using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using OneShot.AspNetCore.Http1.Exchange;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Http1.Timeouts;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1.Request;

/// <summary>What a body needs of its request and its connection: the limit, the refusal, the clocks, the interim answer.</summary>
internal sealed class BodyContext(ConnectionLifetime lifetime, RequestFailure failure, ResponseOutput output)
{
    /// <summary>The most bytes the body may have; null is any number.</summary>
    internal long? MaxSize { get; set; }

    internal ConnectionTimeouts Timeouts => lifetime.Timeouts;

    /// <summary>The connection has been cut: reads are cancelled.</summary>
    internal bool IsCut => lifetime.IsCut;

    /// <summary>The body comes more slowly than it must.</summary>
    internal bool IsTimedOut => lifetime.IsBodyTimedOut;

    /// <summary>Why the body was refused, if it was.</summary>
    internal BadHttpRequestException? Refusal => failure.Refusal;

    /// <summary>What who reads from the cut connection is told.</summary>
    internal static ConnectionAbortedException Aborted() => new("The connection was aborted by the application via HttpContext.Abort().");

    /// <summary>Tells the client to send the body, if it waits for that.</summary>
    internal ValueTask SendContinueIfExpectedAsync() => output.SendContinueIfExpectedAsync();

    /// <summary>Bytes of the body have come: the client does not wait for the interim answer.</summary>
    internal void OnRead() => output.OnBodyRead();

    /// <inheritdoc cref="ConnectionLifetime.IsToldByTransport" />
    internal bool IsToldByTransport(Exception exception) => lifetime.IsToldByTransport(exception);

    /// <exception cref="BadHttpRequestException">413: more than the request may bring.</exception>
    internal void ThrowIfTooLarge(long size)
    {
        if (size > MaxSize)
        {
            throw Refuse(RequestRejection.BodyTooLarge);
        }
    }

    /// <exception cref="BadHttpRequestException">400: the client has ended the connection within the body.</exception>
    [DoesNotReturn]
    internal void ThrowUnexpectedEnd() => throw Refuse(RequestRejection.UnexpectedEnd);

    /// <summary>Refuses the body. Whoever asks again is refused for the same reason, and it is logged once.</summary>
    internal BadHttpRequestException Refuse(RequestRejection rejection) => failure.Refuse(rejection);

    /// <summary>The body can no longer be decoded: nothing of this connection may be read as HTTP any more.</summary>
    internal void OnBroken() => lifetime.CloseAfterResponse(ConnectionError.Other);

    /// <summary>The application has no use for the rest of the body, because of this: as on Kestrel, the response is an error.</summary>
    internal void OnGivenUp(Exception exception)
    {
        if (!failure.IsEndOfConnection(exception))
        {
            failure.TryReport(exception);
        }
    }
}
