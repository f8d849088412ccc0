using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// Attaches an arena to every request and takes it back when the request leaves, however it leaves.
/// Where the HTTP/1.1 front has attached one already, that one is used.
/// </summary>
/// <remarks>A request costs one small object, the feature; an app that suspends costs another, the state machine that waits for it.</remarks>
internal sealed class RequestArenaMiddleware(
    RequestDelegate next, RequestArenaPool arenas, RestartMonitor restart, ILogger<RequestArenaMiddleware> logger)
{
    private readonly bool _rejects = arenas.Process.Exhaustion == ArenaExhaustion.Reject;

    private readonly ObjectPool<HeaderTable> _tables =
        new DefaultObjectPool<HeaderTable>(new DefaultPooledObjectPolicy<HeaderTable>(), maximumRetained: 1024);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.ArenaFeatureOf() is not null)
        {
            return RunAsync(context);
        }

        LastOfConnection.MarkInTurn(context, restart);

        RequestArenaFeature feature = Attach(context);
        Task application;
        try
        {
            application = Admits(context, feature) ? RunAsync(context) : Task.CompletedTask;
        }
        catch
        {
            Detach(context, feature);
            throw;
        }

        if (!application.IsCompleted)
        {
            return DetachWhenDoneAsync(application, context, feature);
        }

        Detach(context, feature);
        return application;
    }

    private static async Task DetachWhenDoneAsync(Task application, HttpContext context, RequestArenaFeature feature)
    {
        try
        {
            await application;
        }
        finally
        {
            Detach(context, feature);
        }
    }

    private RequestArenaFeature Attach(HttpContext context)
    {
        RequestArenaFeature feature = new(context, arenas, _tables);
        context.Features.Set<IRequestArenaFeature>(feature);
        return feature;
    }

    private static void Detach(HttpContext context, RequestArenaFeature feature)
    {
        // First out of sight, then back to the pool: nobody must find an arena that already serves another request.
        context.Features.Set<IRequestArenaFeature>(null);
        if (context.Features.Get<BodySlot>() is not null)
        {
            context.Features.Set<BodySlot>(null); // what it holds lies in this arena, and the pipeline may run again with another
        }

        feature.End();
    }

    private bool Admits(HttpContext context, RequestArenaFeature feature)
    {
        if (!_rejects || feature.TryReserve(ArenaRejection.AdmissionSize))
        {
            return true;
        }

        Events.NotAdmitted(logger, arenas.Process.Used, arenas.Process.Capacity);
        ArenaRejection.Apply(context.Response);
        return false;
    }

    private Task RunAsync(HttpContext context)
    {
        if (!_rejects)
        {
            return next(context);
        }

        try
        {
            Task application = next(context);
            return application.IsCompletedSuccessfully ? application : RejectWhenExhaustedAsync(application, context);
        }
        catch (ArenaExhaustedException exception) when (!context.Response.HasStarted)
        {
            Reject(context, exception);
            return Task.CompletedTask;
        }
    }

    private async Task RejectWhenExhaustedAsync(Task application, HttpContext context)
    {
        try
        {
            await application;
        }
        catch (ArenaExhaustedException exception) when (!context.Response.HasStarted)
        {
            Reject(context, exception);
        }
    }

    private void Reject(HttpContext context, ArenaExhaustedException exception)
    {
        Events.Rejected(logger, exception.Requested, exception.Used, exception.Capacity);
        ArenaRejection.Apply(context.Response);
    }
}
