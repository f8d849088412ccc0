using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1;

/// <summary>The response's body, as a writer and as a stream over the same writer.</summary>
internal abstract partial class Http1Exchange : IHttpResponseBodyFeature
{
    private readonly ResponseBodyWriter _writer;
    private readonly ResponseBodyStream _responseStream;

    PipeWriter IHttpResponseBodyFeature.Writer => _writer;

    /// <summary>Old middleware that sets the one means the other.</summary>
#pragma warning disable CS0618
    Stream IHttpResponseBodyFeature.Stream => ((IHttpResponseFeature)this).Body;
#pragma warning restore CS0618

    Stream IHttpResponseFeature.Body { get; set; } = Stream.Null;

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken)
    {
        if (HasStarted && _isActive)
        {
            return Task.CompletedTask;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        if (!_isActive)
        {
            return Task.CompletedTask; // as on Kestrel; nothing is started behind the request's end, and nobody is called back for it
        }

        ValueTask start = StartResponseAsync(applicationCompleted: false);
        return _followsHeld ? StartThenFlushAsync(start) : start.AsTask();
    }

    Task IHttpResponseBodyFeature.CompleteAsync() => CompleteResponseAsync();

    /// <summary>What was written before the head goes out with the first flush; nothing of this response is held back after it.</summary>
    void IHttpResponseBodyFeature.DisableBuffering()
    {
    }

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        SendFileFallback.SendFileAsync(((IHttpResponseBodyFeature)this).Stream, path, offset, count, cancellationToken);

    /// <summary>A head need not be flushed, but the responses before it must not wait for its body.</summary>
    private async Task StartThenFlushAsync(ValueTask start)
    {
        await start;
        await FlushTransportAsync();
    }
}
