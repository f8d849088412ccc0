using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Http1.Exchange;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The loop of one HTTP/1.1 connection: reads heads, runs the application for each, ends refused ones. It knows the order of things;
/// what a head means is known to <see cref="RequestReader"/>, what a request is to <see cref="Http1Exchange"/>, how long the connection
/// lives to <see cref="ConnectionLifetime"/>.
/// </summary>
internal sealed class Http1Connection(Http1ConnectionContext connection)
{
    private readonly Http1ServiceContext _service = connection.Service;
    private readonly ConnectionLifetime _lifetime = connection.Lifetime;
    private readonly RequestReader _reader = new(connection);

    /// <summary>Serves the connection until it ends. Never throws.</summary>
    internal async Task RunAsync<TContext>(IHttpApplication<TContext> application)
        where TContext : notnull
    {
        Http1Features<TContext>? features = null; // made for the first head that is whole: who only begins one is given nothing
        (CancellationTokenRegistration closed, CancellationTokenRegistration stop) = Open();
        ExecutionContext? clean = ExecutionContext.Capture();
        try
        {
            // One state machine for the connection's whole life: a request that need not wait allocates nothing.
            while (_lifetime.MayReadNext)
            {
                HeadOutcome outcome;
                do
                {
                    ValueTask<ReadResult> reading = features is { Exchange.Output.HasDeferred: true }
                        ? ReadBehindDeferredAsync(features.Exchange.Output)
                        : connection.Input.ReadAsync();
                    if (!reading.IsCompleted && _lifetime.MustNotWait)
                    {
                        connection.Input.CancelPendingRead();
                    }

                    outcome = _reader.TakeHead(await reading);
                }
                while (outcome == HeadOutcome.NeedMore);

                if (features is null)
                {
                    if (outcome == HeadOutcome.Ended)
                    {
                        break;
                    }

                    features = new Http1Features<TContext>(connection);
                    _lifetime.Ticked = features.Exchange.Tick;
                }

                if (outcome != HeadOutcome.Ready)
                {
                    await EndAsync(features, outcome);
                    break;
                }

                if (clean is not null)
                {
                    ExecutionContext.Restore(clean); // no AsyncLocal of the last request reaches the next
                }

                Http1Exchange exchange = features.Exchange;
                exchange.Output.HasNextInHand = _reader.HasNextInHand;
                _lifetime.BeginRequest(_reader.Framing.KeepAlive);
                features.Begin(_reader.Line, _reader.Target, _reader.Framing);
                if (exchange.MustFlushDeferredFirst)
                {
                    await exchange.Output.FlushDeferredFirstAsync();
                }

                TContext context = application.CreateContext(features);
                if (Serve(application, context, exchange) is { } running)
                {
                    try
                    {
                        try
                        {
                            await exchange.Output.FlushDeferredAsync();
                            await running;
                            await exchange.Response.End.ApplicationReturnedAsync();
                        }
                        catch (Exception exception)
                        {
                            exchange.Response.End.ApplicationFailed(exception);
                        }

                        try
                        {
                            await exchange.EndResponseAsync();
                        }
                        catch (Exception exception)
                        {
                            exchange.Response.End.Failed(exception);
                        }

                        await exchange.Response.End.FireOnCompletedAsync();
                    }
                    finally
                    {
                        application.DisposeContext(context, exchange.Failure.Exception);
                    }
                }

                ValueTask<bool> drained = exchange.Content.DrainAsync(); // if only to end a read that was left behind
                FinishRequest(features, drained.IsCompletedSuccessfully ? drained.Result : await drained);
            }
        }
        catch (Exception exception)
        {
            Failed(exception);
        }
        finally
        {
            await CloseAsync(features, closed, stop);
        }
    }

    /// <summary>
    /// Runs the application. Null when that was all, and the context is disposed: it never waited, nothing went wrong, and
    /// the response is complete. Most requests are of that kind, and this path is plain code, no state machine.
    /// </summary>
    private static Task? Serve<TContext>(IHttpApplication<TContext> application, TContext context, Http1Exchange exchange)
        where TContext : notnull
    {
        Task running;
        try
        {
            running = application.ProcessRequestAsync(context);
            if (!running.IsCompletedSuccessfully || !exchange.TryEndAtOnce())
            {
                return running;
            }
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }

        application.DisposeContext(context, exception: null);
        return null;
    }

    private (CancellationTokenRegistration Closed, CancellationTokenRegistration Stop) Open()
    {
        ConnectionContext transport = connection.Transport;
        ConnectionMetricsTags.TagProtocol(transport.Features);
        CancellationTokenRegistration stop = _lifetime.StopWith(transport.Features);
        return (transport.ConnectionClosed.UnsafeRegister(static request => ((RequestAbort)request!).OnConnectionClosed(), _lifetime.RequestAbort), stop);
    }

    /// <summary>The next bytes; before it waits for them, it sends the responses whose flush was deferred.</summary>
    private ValueTask<ReadResult> ReadBehindDeferredAsync(ResponseOutput output)
    {
        ValueTask<ReadResult> reading = connection.Input.ReadAsync();
        if (reading.IsCompleted)
        {
            return reading;
        }

        ValueTask<FlushResult> flush = output.FlushAsync();
        return flush.IsCompletedSuccessfully ? reading : AwaitAsync(flush, reading);

        static async ValueTask<ReadResult> AwaitAsync(ValueTask<FlushResult> flush, ValueTask<ReadResult> reading)
        {
            try
            {
                await flush;
            }
            catch (Exception exception) when (exception is IOException or ConnectionAbortedException or OperationCanceledException or InvalidOperationException)
            {
                // The transport is broken, which ends the read too. Leaving it behind would leave it a buffer that is not its own.
            }

            return await reading;
        }
    }

    /// <summary>The response is complete, and the body read: makes room for the next request.</summary>
    private void FinishRequest(Http1Features features, bool isDrained)
    {
        bool staysOpen = _lifetime.EndRequest(isDrained);
        features.Finish();
        _reader.Release();
        if (staysOpen)
        {
            features.Exchange.Output.ResetRate(); // what ends the connection from here on is no part of this request
        }

        _lifetime.BecomeIdle();
    }

    /// <summary>Ends the connection after the last head: a refused request gets its answer first.</summary>
    private async ValueTask EndAsync(Http1Features features, HeadOutcome outcome)
    {
        if (outcome == HeadOutcome.Refused && !_lifetime.IsCut)
        {
            features.HeadRefused(_reader.Refusal, _reader.RefusalStatus);
            features.Exchange.Response.Head.WriteRefusal(_reader.RefusalStatus, _reader.AllowedMethod);
        }

        if (features.Exchange.Output.HasDeferred)
        {
            await features.Exchange.Output.FlushAsync();
        }
    }

    private void Failed(Exception exception)
    {
        _lifetime.EndsWith(exception);

        // The transport's end in any of its ways, a broken TLS record among them, is the client's doing.
        if (exception is not (IOException or ConnectionAbortedException or OperationCanceledException))
        {
            Events.ConnectionError(_service.Logger, _lifetime.Identity.ConnectionId, exception);
        }
    }

    private async ValueTask CloseAsync(Http1Features? features, CancellationTokenRegistration closed, CancellationTokenRegistration stop)
    {
        if (_lifetime.IsIdleExpired)
        {
            _lifetime.EndsWith(ConnectionError.KeepAliveTimeout); // also of a connection that never asked for anything
        }

        // What is still in the transport's buffer must be taken at the least rate, or the client keeps the connection for ever.
        KestrelServerLimits limits = _service.Options.Limits;
        _lifetime.Timeouts.BeginLastDrain(limits.MaxResponseBufferSize, features is null ? limits.MinResponseDataRate : features.Exchange.LastRate);
        try
        {
            await closed.DisposeAsync();
            await stop.DisposeAsync();
            _lifetime.End();
            features?.Finish();
            _reader.Release();
            await connection.Input.CompleteAsync();
        }
        finally
        {
            ConnectionMetricsTags.TagError(connection.Transport.Features, _lifetime.Error);
            await connection.Output.CompleteAsync();
        }
    }
}
