using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;

namespace OneShot.AspNetCore.Http1;

/// <summary>The host's application, with its context type folded away: what a connection needs to know of it.</summary>
internal abstract class Http1Application
{
    /// <summary>Serves a connection until it ends. Never throws.</summary>
    internal abstract Task RunConnectionAsync(Http1Connection connection);
}

/// <inheritdoc />
internal sealed class Http1Application<TContext>(IHttpApplication<TContext> application, Http1Front front) : Http1Application
    where TContext : notnull
{
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
                    outcome = connection.TakeHead(await connection.Input.ReadAsync());
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

                TContext context = application.CreateContext(exchange);
                try
                {
                    try
                    {
                        await application.ProcessRequestAsync(context);
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
}

/// <summary>The exchange that keeps the host's context with it, so that the host can use it again for the next request.</summary>
internal sealed class Http1Exchange<TContext>(Http1Connection connection, Http1Front front)
    : Http1Exchange(connection, front), IHostContextContainer<TContext>
    where TContext : notnull
{
    TContext? IHostContextContainer<TContext>.HostContext { get; set; }
}
