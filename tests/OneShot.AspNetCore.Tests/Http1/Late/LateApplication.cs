using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>
/// <c>/earlier</c> leaves behind all it has; <c>/next</c> looks whether it has what it was sent, with a late act in the midst
/// of it, and tells; <c>/last</c> is plain. Which conversation it is, the field <c>X-Run</c> says.
/// </summary>
internal sealed class LateApplication
{
    internal ConcurrentDictionary<string, LateRun> Runs { get; } = new();

    internal Task RunAsync(HttpContext context)
    {
        LateRun run = Runs[context.Request.Headers["X-Run"].ToString()];
        return context.Request.Path.Value switch
        {
            "/earlier" or "" or null => EarlierAsync(context, run),
            "/next" => NextAsync(context, run),
            _ => context.Response.WriteAsync("last"),
        };
    }

    private static async Task EarlierAsync(HttpContext context, LateRun run)
    {
        var parts = new LateParts(context);
        switch (run.Earlier)
        {
            case Earlier.HalfRead:
                parts.Read = await context.Request.BodyReader.ReadAsync();
                context.Request.BodyReader.AdvanceTo(parts.Read.Buffer.GetPosition(1));
                break;
            case Earlier.Upgrade:
                parts.Upgraded = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
                await parts.Upgraded.ReadExactlyAsync(new byte[3]);
                await parts.Upgraded.WriteAsync("raw"u8.ToArray());
                break;
            default:
                await context.Request.Body.CopyToAsync(Stream.Null);
                break;
        }

        if (run.Earlier == Earlier.Connect)
        {
            await context.Response.StartAsync(); // a tunnel that is opened has no body
        }
        else if (run.Earlier != Earlier.Upgrade)
        {
            await context.Response.WriteAsync("earlier");
        }

        parts.TakeRest();
        run.Parts = parts;
    }

    private static async Task NextAsync(HttpContext context, LateRun run)
    {
        bool isActing = context.Request.Headers["X-Acts"] == "yes";
        UnsafeSlice<byte> mine = default;
        IRequestArenaFeature? arenas = context.Features.Get<IRequestArenaFeature>();
        if (arenas is not null)
        {
            mine = arenas.Arena.AllocateUnsafe<byte>(3000);
            mine.Span.Fill((byte)'n');
        }

        byte[] body = new byte[4];
        Task read = Task.CompletedTask;
        if (isActing && run.Moment == Moment.NextRead)
        {
            read = context.Request.Body.ReadExactlyAsync(body).AsTask();
        }

        if (isActing && run.Moment is Moment.NextHandler or Moment.NextRead or Moment.OtherHandler)
        {
            await run.ActAsync();
        }

        context.Response.Headers["X-N"] = "1";
        if (isActing && run.Moment == Moment.NextResponse)
        {
            await context.Response.WriteAsync("half ");
            await run.ActAsync();
        }

        await read;
        if (read == Task.CompletedTask && await context.Request.Body.ReadAtLeastAsync(body, 4, throwOnEndOfStream: false) < 4)
        {
            body[0] = (byte)'?';
        }

        if (arenas is not null && (mine.Span.ContainsAnyExcept((byte)'n') || arenas.Arena.Allocate<byte>(500).ContainsAnyExcept((byte)0)))
        {
            run.Complaints.Enqueue("the next request's arena was written to");
        }

        if (arenas is not null && Encoding.ASCII.GetString(context.HeaderSpans["x-own"u8]) is not "next" and var seen)
        {
            run.Complaints.Enqueue($"the next request's header span is '{seen}'");
        }

        await context.Response.WriteAsync(
            $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers["X-Own"]} {Encoding.ASCII.GetString(body)} "
            + $"{context.Connection.RemotePort != 7} {context.Items.Count} {context.Request.RouteValues.Count} {context.RequestAborted.IsCancellationRequested}");
    }
}
