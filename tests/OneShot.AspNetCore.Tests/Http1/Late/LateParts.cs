using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>All that can be kept of a request, taken while it ran.</summary>
internal sealed class LateParts
{
    private readonly TaskCompletionSource _goOn = new();
    private readonly TaskCompletionSource<string> _walked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal LateParts(HttpContext context)
    {
        IFeatureCollection features = context.Features;
        Context = context;
        Features = features;
        Request = features.GetRequiredFeature<IHttpRequestFeature>();
        Response = features.GetRequiredFeature<IHttpResponseFeature>();
        ResponseBody = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        RequestHeaders = context.Request.Headers;
        ResponseHeaders = context.Response.Headers;
        Input = context.Request.Body;
        Reader = context.Request.BodyReader;
        Output = context.Response.Body;
        Writer = context.Response.BodyWriter;
        Trailers = features.Get<IHttpRequestTrailersFeature>();
        MaxSize = features.Get<IHttpMaxRequestBodySizeFeature>();
        BodyRate = features.Get<IHttpMinRequestBodyDataRateFeature>();
        ResponseRate = features.Get<IHttpMinResponseDataRateFeature>();
        Control = features.Get<IHttpBodyControlFeature>();
        Detection = features.Get<IHttpRequestBodyDetectionFeature>();
        Lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        Reset = features.Get<IHttpResetFeature>();
        Upgrade = features.Get<IHttpUpgradeFeature>();
        ExtendedConnect = features.Get<IHttpExtendedConnectFeature>();
        Connection = features.Get<IHttpConnectionFeature>();
        Identifier = features.Get<IHttpRequestIdentifierFeature>();
        Endpoint = features.Get<IEndpointFeature>();
        Routes = features.Get<IRouteValuesFeature>();
        State = features.Get<IPersistentStateFeature>();
        BadRequest = features.Get<IBadRequestExceptionFeature>();
        Pipe = features.Get<IRequestBodyPipeFeature>();
        Aborted = context.RequestAborted;
        Items = context.Items;
        Arenas = features.Get<IRequestArenaFeature>();
    }

    internal HttpContext Context { get; }

    internal IFeatureCollection Features { get; }

    internal IHttpRequestFeature Request { get; }

    internal IHttpResponseFeature Response { get; }

    internal IHttpResponseBodyFeature ResponseBody { get; }

    internal IHeaderDictionary RequestHeaders { get; }

    internal IHeaderDictionary ResponseHeaders { get; }

    internal Stream Input { get; }

    internal PipeReader Reader { get; }

    internal Stream Output { get; }

    internal PipeWriter Writer { get; }

    internal IHttpRequestTrailersFeature? Trailers { get; }

    internal IHttpMaxRequestBodySizeFeature? MaxSize { get; }

    internal IHttpMinRequestBodyDataRateFeature? BodyRate { get; }

    internal IHttpMinResponseDataRateFeature? ResponseRate { get; }

    internal IHttpBodyControlFeature? Control { get; }

    internal IHttpRequestBodyDetectionFeature? Detection { get; }

    internal IHttpRequestLifetimeFeature Lifetime { get; }

    internal IHttpResetFeature? Reset { get; }

    internal IHttpUpgradeFeature? Upgrade { get; }

    internal IHttpExtendedConnectFeature? ExtendedConnect { get; }

    internal IHttpConnectionFeature? Connection { get; }

    internal IHttpRequestIdentifierFeature? Identifier { get; }

    internal IEndpointFeature? Endpoint { get; }

    internal IRouteValuesFeature? Routes { get; }

    internal IPersistentStateFeature? State { get; }

    internal IBadRequestExceptionFeature? BadRequest { get; }

    internal IRequestBodyPipeFeature? Pipe { get; }

    internal CancellationToken Aborted { get; }

    internal IDictionary<object, object?> Items { get; }

    internal IHeaderDictionary? TrailerFields { get; private set; }

    /// <summary>What the application was shown of the body, where it has read by half.</summary>
    internal ReadResult Read { get; set; }

    /// <summary>How often a callback was called that was registered late.</summary>
    internal int StrayCalls { get; set; }

    /// <summary>The upgraded connection.</summary>
    internal Stream? Upgraded { get; set; }

    /// <summary>Memory of the response, got and never advanced over.</summary>
    internal Memory<byte> Leased { get; private set; }

    internal IRequestArenaFeature? Arenas { get; }

    internal RequestArena Arena { get; private set; }

    internal Memory<byte> Memory { get; private set; }

    internal ArenaBufferWriter? ArenaWriter { get; private set; }

    internal Memory<byte> ArenaWriterMemory { get; private set; }

    internal ArenaList<int> List { get; private set; }

    internal HeaderHandle Handle { get; private set; }

    internal ArenaBody Body { get; private set; }

    internal ArenaMark Mark { get; private set; }

    internal ArenaMark Rewound { get; private set; }

    /// <summary>When the application has read what it wants, and has started its response.</summary>
    internal void TakeRest()
    {
        if (Trailers is { Available: true })
        {
            TrailerFields = Trailers.Trailers;
        }

        if (Upgraded is null)
        {
            Leased = Writer.GetMemory(16);
        }

        if (Arenas is null)
        {
            return;
        }

        Arena = Arenas.Arena;
        Memory = Arena.AllocateMemory(100);
        Memory.Span.Fill((byte)'k');
        ArenaWriter = Arena.CreateWriter();
        ArenaWriter.Write("kept"u8);
        ArenaWriterMemory = ArenaWriter.GetMemory(10);
        List = Arena.CreateList<int>(4);
        List.Add(1);
        Handle = Arenas.HeaderSpans.Handle("x-own"u8);
        UnsafeSlice<byte> body = Arena.AllocateUnsafe<byte>(4);
        "kept"u8.CopyTo(body.Span);
        Body = new ArenaBody(Arena, body);
        Rewound = Arena.Mark();
        Rewound.Dispose();
        Mark = Arena.Mark();
        Arena.Allocate<byte>(50);
        var taken = new TaskCompletionSource();
        _ = Task.Factory.StartNew(() => Walk(taken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        taken.Task.Wait();
    }

    /// <summary>A thread that stands in the middle of the header spans, since before the request's end, goes on.</summary>
    internal Task<string> WalkOnAsync()
    {
        _goOn.TrySetResult();
        return _walked.Task;
    }

    /// <summary>Lets go of the thread, if nobody has.</summary>
    internal void Release() => _goOn.TrySetResult();

    private void Walk(TaskCompletionSource taken)
    {
        var lines = Arenas!.HeaderSpans.GetEnumerator();
        var values = Arenas.HeaderSpans.GetValues("x-own"u8);
        lines.MoveNext();
        taken.SetResult();
        _goOn.Task.Wait();
        try
        {
            if (lines.MoveNext() || values.MoveNext())
            {
                _walked.SetResult("goes on");
            }

            _walked.TrySetResult("ends");
        }
        catch (Exception exception)
        {
            _walked.SetException(exception);
        }
    }
}
