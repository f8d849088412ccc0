using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;

namespace OneShot.AspNetCore.Http1;

/// <summary>The host's application, with its context type folded away: what a connection needs to know of it.</summary>
internal abstract class Http1Application
{
    /// <summary>The type of the host's context.</summary>
    internal abstract Type ContextType { get; }

    /// <summary>Serves a connection until it ends. Never throws.</summary>
    internal abstract Task RunConnectionAsync(Http1Connection connection);
}

/// <inheritdoc />
internal sealed class Http1Application<TContext>(IHttpApplication<TContext> application, Http1Front front) : Http1Application
    where TContext : notnull
{
    internal override Type ContextType => typeof(TContext);

    internal override async Task RunConnectionAsync(Http1Connection connection)
    {
        var exchange = new Http1Exchange<TContext>(connection, front);
        connection.Open(exchange);
        ExecutionContext? clean = ExecutionContext.Capture();
        try
        {
            // One state machine for the connection's whole life: a request that need not wait allocates nothing.
            while (connection.CanReadNext)
            {
                HeadOutcome outcome;
                do
                {
                    outcome = connection.TakeHead(await connection.ReadAsync());
                }
                while (outcome == HeadOutcome.NeedMore);

                if (outcome != HeadOutcome.Ready)
                {
                    await connection.EndAsync(outcome);
                    break;
                }

                if (clean is not null)
                {
                    ExecutionContext.Restore(clean); // no AsyncLocal of the last request reaches the next
                }

                if (exchange.MustSendHeldFirst)
                {
                    await exchange.SendHeldBeforeOthersAsync();
                }

                TContext context = application.CreateContext(exchange);
                if (Serve(context, exchange) is { } running)
                {
                    try
                    {
                        try
                        {
                            await exchange.FlushHeldAsync();
                            await running;
                            await exchange.ApplicationReturnedAsync();
                        }
                        catch (Exception exception)
                        {
                            exchange.ApplicationFailed(exception);
                        }

                        try
                        {
                            await exchange.EndResponseAsync();
                        }
                        catch (Exception exception)
                        {
                            exchange.EndFailed(exception);
                        }

                        await exchange.FireOnCompletedAsync();
                    }
                    finally
                    {
                        application.DisposeContext(context, exchange.ApplicationException);
                    }
                }

                await connection.FinishRequestAsync();
            }
        }
        catch (Exception exception)
        {
            connection.Failed(exception);
        }
        finally
        {
            await connection.CloseAsync();
        }
    }

    /// <summary>
    /// Runs the application. Null when that was all, and the context is disposed: it never waited, nothing went wrong, and
    /// the response is complete. Most requests are of that kind, and this path is plain code, no state machine.
    /// </summary>
    private Task? Serve(TContext context, Http1Exchange exchange)
    {
        Task running;
        try
        {
            running = application.ProcessRequestAsync(context);
            if (!running.IsCompletedSuccessfully || !exchange.TryEndResponse())
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
}

/// <summary>The exchange that keeps the host's context with it, so that the host can use it again for the next request.</summary>
internal sealed class Http1Exchange<TContext>(Http1Connection connection, Http1Front front)
    : Http1Exchange(connection, front), IHostContextContainer<TContext>
    where TContext : notnull
{
    TContext? IHostContextContainer<TContext>.HostContext { get; set; }
}
