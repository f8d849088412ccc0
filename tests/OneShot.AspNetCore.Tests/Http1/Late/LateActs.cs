using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static OneShot.AspNetCore.Tests.Http1.Late.LateAct;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>Everything that can be done with what a request has left behind.</summary>
internal static class LateActs
{
    private static readonly byte[] s_stray = "STRAY"u8.ToArray();

    internal static LateAct Nothing { get; } = Do("nothing", _ => { });

    internal static IReadOnlyList<LateAct> OfTheServer { get; } =
    [
        Nothing,

        // The request's body.
        new("read the stream", async parts => (await parts.Input.ReadAsync(new byte[2])).ToString(CultureInfo.InvariantCulture)),
        Await("copy the stream", parts => parts.Input.CopyToAsync(new MemoryStream())),
        Get("read the stream, synchronously", parts => parts.Input.Read(new byte[2], 0, 2)),
        Get("read the stream, by callback", parts => parts.Input.EndRead(parts.Input.BeginRead(new byte[2], 0, 2, null, null))),
        Await("dispose the stream", parts => parts.Input.DisposeAsync().AsTask()),
        new("read the pipe", async parts =>
        {
            ReadResult result = await parts.Reader.ReadAsync();
            string text = Text(result.Buffer);
            parts.Reader.AdvanceTo(result.Buffer.End);
            return text;
        }),
        new("read the pipe and go no further", async parts => Text((await parts.Reader.ReadAsync()).Buffer)),
        Get("try to read the pipe", parts => parts.Reader.TryRead(out ReadResult result) ? Text(result.Buffer) : "nothing"),
        Do("advance to nowhere", parts => parts.Reader.AdvanceTo(default)),
        Do("advance to where it was", parts => parts.Reader.AdvanceTo(parts.Read.Buffer.End)),
        Do("cancel the read", parts => parts.Reader.CancelPendingRead()),
        Do("complete the reader", parts => parts.Reader.Complete()),
        Do("complete the reader with an error", parts => parts.Reader.Complete(new InvalidOperationException("stray"))),
        Await("copy the pipe", parts => parts.Reader.CopyToAsync(new MemoryStream())),
        With("ask for the reader", parts => parts.Pipe, pipe => pipe.Reader.GetType().Name.Length > 0),
        new("read the reader that is asked for now", async parts => parts.Pipe is null ? null : Text((await parts.Pipe.Reader.ReadAsync()).Buffer)),
        With("trailers, available", parts => parts.Trailers, trailers => trailers.Available),
        With("trailers", parts => parts.Trailers, trailers => trailers.Trailers.Count),
        With("a trailer that was kept", parts => parts.TrailerFields, fields => fields["X-Sum"]),
        With("trailers that were kept", parts => parts.TrailerFields, fields => string.Join(",", fields)),
        With("set a trailer", parts => parts.TrailerFields, fields => fields["X-Stray"] = "stray"),
        With("size limit", parts => parts.MaxSize, size => size.MaxRequestBodySize),
        With("size limit, read-only", parts => parts.MaxSize, size => size.IsReadOnly),
        With("set the size limit", parts => parts.MaxSize, size => size.MaxRequestBodySize = 1),
        With("can have a body", parts => parts.Detection, detection => detection.CanHaveBody),
        With("set the body's rate", parts => parts.BodyRate, rate => rate.MinDataRate = new MinDataRate(1e9, TimeSpan.FromDays(1))),
        With("set the response's rate", parts => parts.ResponseRate, rate => rate.MinDataRate = null),
        With("allow synchronous", parts => parts.Control, control => control.AllowSynchronousIO = true),
        With("bad request", parts => parts.BadRequest, bad => bad.Error),

        // The response's body.
        Await("write the stream", parts => parts.Output.WriteAsync(s_stray).AsTask()),
        Await("write nothing to the stream", parts => parts.Output.WriteAsync(default(ReadOnlyMemory<byte>)).AsTask()),
        Do("write the stream, synchronously", parts => parts.Output.Write(s_stray)),
        Do("write the stream, by callback", parts => parts.Output.EndWrite(parts.Output.BeginWrite(s_stray, 0, 5, null, null))),
        Await("flush the stream", parts => parts.Output.FlushAsync()),
        Do("flush the stream, synchronously", parts => parts.Output.Flush()),
        Await("dispose the output", parts => parts.Output.DisposeAsync().AsTask()),
        new("write the pipe", async parts => (await parts.Writer.WriteAsync(s_stray)).IsCompleted.ToString()),
        new("flush the pipe", async parts => (await parts.Writer.FlushAsync()).IsCompleted.ToString()),
        Do("get memory", parts => parts.Writer.GetMemory(10)),
        Do("get a span", parts => parts.Writer.GetSpan(10)),
        Do("fill what memory is got", parts => s_stray.CopyTo(parts.Writer.GetMemory(10))),
        Do("advance by nothing", parts => parts.Writer.Advance(0)),
        Do("advance over what was got before", parts => parts.Writer.Advance(5)),
        Do("get memory and advance", parts =>
        {
            s_stray.CopyTo(parts.Writer.GetMemory(10));
            parts.Writer.Advance(5);
        }),
        Do("cancel the flush", parts => parts.Writer.CancelPendingFlush()),
        Do("complete the writer", parts => parts.Writer.Complete()),
        Do("complete the writer with an error", parts => parts.Writer.Complete(new InvalidOperationException("stray"))),
        Await("complete the writer, later", parts => parts.Writer.CompleteAsync().AsTask()),
        Get("unflushed bytes", parts => parts.Writer.UnflushedBytes),
        Await("start", parts => parts.ResponseBody.StartAsync()),
        Await("complete", parts => parts.ResponseBody.CompleteAsync()),
        Do("disable buffering", parts => parts.ResponseBody.DisableBuffering()),
        Await("send a file", parts => parts.ResponseBody.SendFileAsync(Path.ChangeExtension(typeof(LateActs).Assembly.Location, ".runtimeconfig.json"), 0, 5)),
        Do("ask for the writer", parts => _ = parts.ResponseBody.Writer),
        Await("write the stream that is asked for now", parts => parts.ResponseBody.Stream.WriteAsync(s_stray).AsTask()),

        // The response's head.
        Get("started", parts => parts.Response.HasStarted),
        Get("status", parts => parts.Response.StatusCode),
        Do("set the status", parts => parts.Response.StatusCode = 418),
        Do("set the reason", parts => parts.Response.ReasonPhrase = "Stray"),
        Do("set a header", parts => parts.ResponseHeaders["X-Stray"] = "1"),
        Do("append a header", parts => parts.ResponseHeaders.Append("X-Stray", "1")),
        Do("remove a header", parts => parts.ResponseHeaders.Remove("X-N")),
        Do("clear the headers", parts => parts.ResponseHeaders.Clear()),
        Do("set the length", parts => parts.ResponseHeaders.ContentLength = 1),
        Get("headers of the response", parts => string.Join(",", parts.ResponseHeaders.Select(field => field.Key).Order(StringComparer.Ordinal))),
        Do("set the response's headers", parts => parts.Response.Headers = new HeaderDictionary { ["X-Stray"] = "1" }),
#pragma warning disable CS0618
        Do("set the response's body", parts => parts.Response.Body = new MemoryStream()),
#pragma warning restore CS0618
        Do("on starting", parts => parts.Response.OnStarting(Stray, parts)),
        Do("on completed", parts => parts.Response.OnCompleted(Stray, parts)),
        Do("on starting, by the context", parts => parts.Context.Response.OnStarting(Stray, parts)),
        Do("on completed, by the context", parts => parts.Context.Response.OnCompleted(Stray, parts)),
        Do("register for disposal", parts => parts.Context.Response.RegisterForDispose(new MemoryStream())),
        Await("write by the context", parts => parts.Context.Response.WriteAsync("STRAY")),
        Do("append a trailer", parts => parts.Context.Response.AppendTrailer("X-Stray", "1")),
        Do("append a cookie", parts => parts.Context.Response.Cookies.Append("stray", "1")),
        Do("redirect", parts => parts.Context.Response.Redirect("/stray")),

        // The request's head.
        Get("path", parts => parts.Request.Path),
        Get("path, by the context", parts => parts.Context.Request.Path),
        Get("method", parts => parts.Request.Method),
        Do("set the path", parts => parts.Request.Path = "/stray"),
        Do("set the method", parts => parts.Request.Method = "STRAY"),
        Do("set the request's body", parts => parts.Request.Body = new MemoryStream()),
        Do("set the request's headers", parts => parts.Request.Headers = new HeaderDictionary { ["X-Own"] = "stray" }),
        Get("a header", parts => parts.RequestHeaders["X-Own"]),
        Get("the host", parts => parts.RequestHeaders.Host),
        Get("headers", parts => parts.RequestHeaders.Count),
        Get("all headers", parts => string.Join(",", parts.RequestHeaders.Select(field => field.Key).Order(StringComparer.Ordinal))),
        Do("set a request header", parts => parts.RequestHeaders["X-Own"] = "stray"),
        Do("remove a request header", parts => parts.RequestHeaders.Remove("X-Own")),
        Do("clear the request's headers", parts => parts.RequestHeaders.Clear()),
        Get("a header, by the context", parts => parts.Context.Request.Headers["X-Own"]),
        Get("query", parts => parts.Context.Request.Query["q"]),
        Get("cookies", parts => parts.Context.Request.Cookies.Count),
        Get("form", parts => parts.Context.Request.HasFormContentType),
        With("routes", parts => parts.Routes, routes => routes.RouteValues.Count),
        With("set a route", parts => parts.Routes, routes => routes.RouteValues["stray"] = 1),
        With("endpoint", parts => parts.Endpoint, endpoint => endpoint.Endpoint = new Endpoint(null, null, "stray")),

        // Its life.
        Do("abort", parts => parts.Lifetime.Abort()),
        Do("abort by the context", parts => parts.Context.Abort()),
        With("reset", parts => parts.Reset, reset => reset.Reset(1)),
        Get("aborted", parts => parts.Lifetime.RequestAborted.IsCancellationRequested),
        Do("register with the token", parts => parts.Aborted.Register(() => { })),
        Get("a token that was kept", parts => parts.Aborted.IsCancellationRequested),
        Do("set the token", parts => parts.Lifetime.RequestAborted = new CancellationToken(canceled: true)),
        new("upgrade", async parts => parts.Upgrade is null ? null : (await parts.Upgrade.UpgradeAsync()).CanRead.ToString()),
        With("upgradable", parts => parts.Upgrade, upgrade => upgrade.IsUpgradableRequest),
        new("accept an extended CONNECT", async parts => parts.ExtendedConnect is null ? null : (await parts.ExtendedConnect.AcceptAsync()).CanRead.ToString()),
        new("read the upgraded stream", async parts => parts.Upgraded is null ? null : $"{await parts.Upgraded.ReadAsync(new byte[5])}"),
        new("write the upgraded stream", async parts =>
        {
            await (parts.Upgraded?.WriteAsync(s_stray) ?? default);
            return parts.Upgraded is null ? null : "done";
        }),
        new("flush the upgraded stream", async parts =>
        {
            await (parts.Upgraded?.FlushAsync() ?? Task.CompletedTask);
            return parts.Upgraded is null ? null : "done";
        }),
        new("copy the upgraded stream", async parts =>
        {
            await (parts.Upgraded?.CopyToAsync(new MemoryStream()) ?? Task.CompletedTask);
            return parts.Upgraded is null ? null : "done";
        }),
        With("dispose the upgraded stream", parts => parts.Upgraded, stream => stream.Dispose()),

        // What is beside it.
        With("set the connection's id", parts => parts.Connection, connection => connection.ConnectionId = "stray"),
        With("set the remote address", parts => parts.Connection, connection => (connection.RemoteIpAddress, connection.RemotePort) = (IPAddress.IPv6Any, 7)),
        With("set the local address", parts => parts.Connection, connection => (connection.LocalIpAddress, connection.LocalPort) = (IPAddress.IPv6Any, 7)),
        With("set the trace identifier", parts => parts.Identifier, identifier => identifier.TraceIdentifier = "stray"),
        Do("set the trace identifier by the context", parts => parts.Context.TraceIdentifier = "stray"),
        Do("set an item", parts => parts.Items["stray"] = 1),
        Do("set an item by the context", parts => parts.Context.Items["stray"] = 1),
        Do("set a session", parts => parts.Features.Set<ISessionFeature>(new StraySession())),
        Do("set a feature", parts => parts.Features.Set(new StringBuilder("stray"))),
        Do("remove the request's feature", parts => parts.Features.Set<IHttpRequestIdentifierFeature>(null)),
        Do("set many features", parts =>
        {
            foreach (Type type in typeof(string).Assembly.GetTypes().Take(100))
            {
                parts.Features[type] = null;
            }
        }),
        Do("set the user", parts => parts.Context.User = new System.Security.Claims.ClaimsPrincipal()),
        Do("ask for services", parts => _ = parts.Context.RequestServices.GetService(typeof(IServiceProvider))),
        Get("features", parts => parts.Features.Any()),
    ];

    internal static IReadOnlyList<LateAct> OfTheArena { get; } =
    [
        Nothing.Of(Whose.Nobodys),
        Do("allocate", parts => parts.Arena.Allocate<byte>(20).Fill((byte)'!')),
        Do("allocate a block", parts => parts.Arena.Allocate<byte>(20_000).Fill((byte)'!')),
        Do("allocate nothing", parts => parts.Arena.Allocate<byte>(0)),
        Do("allocate for a field", parts => parts.Arena.AllocateUnsafe<long>(3).Span.Fill(7)),
        Do("allocate aligned", parts => parts.Arena.AllocateAligned<byte>(20, 64).Fill((byte)'!')),
        Do("allocate uninitialized", parts => parts.Arena.AllocateUninitialized<byte>(20).Fill((byte)'!')),
        Do("new", parts => parts.Arena.New(5)),
        Do("copy", parts => parts.Arena.Copy(s_stray)),
        Do("reserve", parts => parts.Arena.TryReserve(10)),
        Do("allocate memory", parts => parts.Arena.AllocateMemory(10)),
        Do("create a writer", parts => parts.Arena.CreateWriter()),
        Do("create a list", parts => parts.Arena.CreateList<int>(3)),
        Do("mark", parts => parts.Arena.Mark()),
        Do("on reset", parts => parts.Arena.OnReset(_ => { }, null)),
        Do("utf8", parts => parts.Arena.Utf8(CultureInfo.InvariantCulture, $"stray {parts.Arena.Allocated}")),
        Do("utf16", parts => parts.Arena.Utf16(CultureInfo.InvariantCulture, $"stray {1}")),
        Get("allocated", parts => parts.Arena.Allocated),
        Get("owner", parts => parts.Arena.Owner),

        Get("read memory", parts => Of(parts.Memory.Span)).Of(Whose.Nobodys),
        Do("fill memory", parts => parts.Memory.Span.Fill((byte)'!')).Of(Whose.Nobodys),
        Do("pin memory", parts =>
        {
            using MemoryHandle pin = parts.Memory.Pin();
            unsafe
            {
                new Span<byte>(pin.Pointer, parts.Memory.Length).Fill((byte)'!');
            }
        }).Of(Whose.Nobodys),
        Do("fill the writer's memory", parts => parts.ArenaWriterMemory.Span.Fill((byte)'!')).Of(Whose.Nobodys),
        Do("write", parts => parts.ArenaWriter!.Write(s_stray)),
        Do("advance the writer", parts => parts.ArenaWriter!.Advance(3)),
        Do("get a span of the writer", parts => parts.ArenaWriter!.GetSpan(1)),
        Do("get much of the writer", parts => parts.ArenaWriter!.GetMemory(5000)),
        Get("what was written", parts => Of(parts.ArenaWriter!.WrittenSpan)),
        Get("what was written, as memory", parts => Of(parts.ArenaWriter!.WrittenMemory.Span)),
        Do("trim the writer", parts => parts.ArenaWriter!.TrimExcess()),
        Do("begin again in the writer's memory", parts => parts.ArenaWriter!.ResetWrittenCount()),
        Do("begin the writer again", parts => parts.ArenaWriter!.Reset()),
        Do("begin the writer again, and write", parts =>
        {
            parts.ArenaWriter!.Reset();
            parts.ArenaWriter.Write(s_stray);
        }),
        Do("begin the writer again for the arena", parts => parts.ArenaWriter!.Reset(parts.Arena)),
        Do("add to the list", parts => parts.List.Add(5)),
        Do("add a range to the list", parts => parts.List.AddRange([1, 2, 3, 4, 5])),
        Get("the list's first", parts => parts.List[0]),
        Do("set the list's first", parts => parts.List[0] = -1),
        Do("clear the list", parts => parts.List.Clear()),
        Do("trim the list", parts => parts.List.TrimExcess()),
        Do("grow the list", parts => parts.List.EnsureCapacity(100)),
        Do("insert", parts => parts.List.Insert(0, 1)),
        Get("the list's elements", parts => parts.List.Span.Length),
        Do("rewind", parts => parts.Mark.Dispose()),
        Do("rewind what was rewound", parts => parts.Rewound.Dispose()),

        Get("a header by its handle", parts => Of(parts.Handle.Span)),
        Get("a body's bytes", parts => Of(parts.Body.Span)),
        Get("a body as JSON", parts => parts.Body.CreateJsonReader().BytesConsumed),

        Do("the arena", parts => parts.Arenas!.Arena.Allocate<byte>(10)).Of(Whose.Features),
        Do("the spans", parts => _ = parts.Arenas!.HeaderSpans.Count).Of(Whose.Features),
        Do("a span", parts => _ = parts.Arenas!.HeaderSpans["x-own"u8]).Of(Whose.Features),
        new("walk on", async parts => await parts.WalkOnAsync()),
        Get("release", parts => parts.Arenas!.ReleaseArena()).Of(Whose.Features),
        Get("release twice", parts => parts.Arenas!.ReleaseArena() & parts.Arenas.ReleaseArena()).Of(Whose.Features),
        new LateAct("release from two threads", async parts =>
        {
            bool[] released = await Task.WhenAll(Task.Run(parts.Arenas!.ReleaseArena), Task.Run(parts.Arenas.ReleaseArena));
            return string.Join(",", released);
        }).Of(Whose.Features),
        Do("the context's arena", parts => parts.Context.Arena.Allocate<byte>(10)).Of(Whose.Contexts),
        Do("the context's spans", parts => _ = parts.Context.HeaderSpans.Count).Of(Whose.Contexts),
        Do("the context's query", parts => _ = parts.Context.QuerySpans["q"u8].Length).Of(Whose.Contexts),
        Do("the context's cookies", parts => _ = parts.Context.CookieSpans["a"u8].Length).Of(Whose.Contexts),
        Do("the context's token", parts => _ = parts.Context.BearerToken.Length).Of(Whose.Contexts),
        Do("the context's trace", parts => _ = parts.Context.TraceParent.IsPresent).Of(Whose.Contexts),
        Do("the context's path", parts => _ = parts.Context.PathSpan.Length + parts.Context.TargetSpan.Length + parts.Context.MethodSpan.Length).Of(Whose.Contexts),
        Get("release by the context", parts => parts.Context.ReleaseArena()).Of(Whose.Contexts),
    ];

    private static string Of(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>A callback that comes from an earlier request.</summary>
    private static Task Stray(object parts)
    {
        ((LateParts)parts).StrayCalls++;
        return Task.CompletedTask;
    }

    private sealed class StraySession : ISessionFeature
    {
        public ISession Session { get; set; } = null!;
    }
}
