using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// The response up to its start: status and fields while they may be set, and the moment at which the head goes out, with what was
/// written before it.
/// </summary>
internal sealed class ResponseStart
{
    private readonly Http1ServiceContext _service;
    private readonly ConnectionLifetime _lifetime;
    private readonly RequestFailure _failure;
    private readonly ResponseLifecycle _lifecycle;
    private readonly ResponseOutput _output;
    private readonly RequestMemory _memory;

    internal ResponseStart(
        Http1ConnectionContext connection, RequestFailure failure, ResponseLifecycle lifecycle, ResponseOutput output, RequestMemory memory)
    {
        _service = connection.Service;
        _lifetime = connection.Lifetime;
        _failure = failure;
        _lifecycle = lifecycle;
        _output = output;
        _memory = memory;
        Head = new ResponseHead(connection);
        Body = new BodyEncoder(output, _lifetime);
    }

    /// <summary>Status and fields.</summary>
    internal ResponseHead Head { get; }

    /// <summary>What is written, before and behind the head.</summary>
    internal BodyEncoder Body { get; }

    /// <summary>OnStarting.</summary>
    internal ResponseCallbacks Callbacks { get; } = new();

    /// <summary>The head is on its way: nothing in it can be changed any more.</summary>
    internal bool HasStarted => _lifecycle.HasStarted;

    /// <summary>The application is to be called before the head is written.</summary>
    internal bool MustCallFirst => !HasStarted && Callbacks.Count > 0;

    /// <summary>The application is to be called before the head is written, or has failed and is to be told so.</summary>
    internal bool MustNotStartAtOnce => MustCallFirst || (!HasStarted && _failure.Exception is not null);

    /// <summary>It is, or was to be, the head of an upgrade: what follows is no body.</summary>
    internal bool IsUpgrade { get; private set; }

    internal void Begin(RequestTraits request)
    {
        Head.Begin(request);
        Body.Begin();
        Callbacks.Clear();
        IsUpgrade = false;
    }

    internal void Finish()
    {
        Head.End();
        Body.Close();
    }

    /// <exception cref="InvalidOperationException">The head is on its way.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It has not three digits (RFC 9110 section 15).</exception>
    internal void SetStatus(int value)
    {
        ThrowIfStarted(nameof(IHttpResponseFeature.StatusCode));
        if (value is < 100 or > 999)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "A status code has three digits (RFC 9110 section 15).");
        }

        Head.Status = value;
    }

    /// <exception cref="InvalidOperationException">The head is on its way, or a character may not stand there.</exception>
    internal void SetReasonPhrase(string? value)
    {
        ThrowIfStarted(nameof(IHttpResponseFeature.ReasonPhrase));
        HeaderRules.ThrowIfInvalidReasonPhrase(value);
        Head.ReasonPhrase = value;
    }

    /// <exception cref="InvalidOperationException">The head is on its way.</exception>
    internal void ThrowIfStarted(string name)
    {
        if (HasStarted)
        {
            throw new InvalidOperationException($"{name} cannot be set because the response has already started.");
        }
    }

    /// <exception cref="InvalidOperationException">The head is on its way.</exception>
    internal void OnStarting(Func<object, Task> callback, object state)
    {
        ThrowIfStarted(nameof(OnStarting));
        Callbacks.Add(callback, state);
    }

    /// <summary>The application asks for the head. It need not be flushed, but earlier responses must not wait for its body.</summary>
    internal Task StartAsync(CancellationToken cancellationToken)
    {
        if (HasStarted && _lifecycle.State != ResponseState.Idle)
        {
            return Task.CompletedTask;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        if (_lifecycle.State == ResponseState.Idle)
        {
            return Task.CompletedTask; // as on Kestrel; nothing is started behind the request's end, and nobody is called back for it
        }

        ValueTask start = StartAsync();
        return _output.FollowsDeferred ? ThenFlushAsync(start) : start.AsTask();
    }

    /// <summary>The head of an upgrade goes out at once.</summary>
    internal async Task StartUpgradeAsync()
    {
        IsUpgrade = true;
        await StartAsync();
        await FlushInsideAsync();
    }

    private async Task ThenFlushAsync(ValueTask start)
    {
        await start;
        await FlushInsideAsync();
    }

    private ValueTask<FlushResult> FlushInsideAsync()
    {
        using (_lifecycle.Enter())
        {
            ThrowIfClosed();
            return _output.FlushAsync();
        }
    }

    /// <summary>For the application: fires OnStarting, then writes the head into the transport's buffer; flushes nothing.</summary>
    /// <param name="firstWrite">The bytes of the write that starts it.</param>
    internal ValueTask StartAsync(int firstWrite = 0)
    {
        if (MustNotStartAtOnce)
        {
            return FireThenStartAsync(firstWrite);
        }

        using (_lifecycle.Enter())
        {
            ThrowIfClosed();
            Start(firstWrite);
        }

        return default;
    }

    /// <summary>Writes the head, where <see cref="MustNotStartAtOnce"/> is false. Inside the gate.</summary>
    /// <inheritdoc cref="StartAsync(int)"/>
    internal void Start(int firstWrite)
    {
        if (HasStarted)
        {
            return;
        }

        if (_failure.Exception is not null)
        {
            throw EndsWithError();
        }

        ThrowIfTooMany(firstWrite);
        Start(applicationCompleted: false);
    }

    /// <remarks>
    /// A callback that fails fails the response, also where the application goes on: what it was to set, nobody may be sure is there.
    /// </remarks>
    private async ValueTask FireThenStartAsync(int firstWrite)
    {
        int part = _lifecycle.Part;
        try
        {
            await Callbacks.FireAsync();
        }
        catch (Exception exception)
        {
            _failure.TryReport(exception, part);
            throw;
        }

        using (_lifecycle.Enter())
        {
            // A callback may last longer than the request that nobody has waited for: the next one's head is not started here.
            if (!_lifecycle.IsUnderWay(part))
            {
                throw Over();
            }

            Start(firstWrite);
        }
    }

    private void ThrowIfClosed()
    {
        if (_lifecycle.IsClosed)
        {
            throw Over();
        }
    }

    /// <summary>The request is over, or the application's part of it.</summary>
    internal static ObjectDisposedException Over() => new(nameof(HttpResponse), "The response cannot be written to after the application has returned.");

    private ObjectDisposedException EndsWithError() =>
        new("The response ends with an error: the application has failed before it has started.", _failure.Exception);

    /// <summary>What the application has left is started; where it cannot be, the error answer is.</summary>
    internal async ValueTask StartCompletedAsync()
    {
        try
        {
            await Callbacks.FireAsync();
        }
        catch (Exception exception) when (!HasStarted)
        {
            _failure.Report(exception);
            using (_lifecycle.Enter())
            {
                BecomeError();
            }
        }

        using (_lifecycle.Enter())
        {
            StartCompleted();
        }
    }

    /// <summary>The same, where nobody is to be called first. Inside the gate, or where the loop is alone.</summary>
    internal void StartCompleted()
    {
        try
        {
            Start(applicationCompleted: true);
        }
        catch (Exception exception) when (!HasStarted)
        {
            _failure.Report(exception);
            BecomeError();
            Start(applicationCompleted: true);
        }
    }

    /// <summary>The process drains, and it is this connection's turn. Its name is made only then.</summary>
    private bool ClosesByRestart => _service.Restart.ClosesConnections && _service.Restart.ClosesConnection(_lifetime.Identity.ConnectionId);

    private void Start(bool applicationCompleted)
    {
        if (HasStarted)
        {
            return; // a callback has started it
        }

        Debug.Assert(_lifecycle.IsClosed || _lifecycle.IsInside);
        _output.Claim();
        ResponsePlan plan = Head.Plan(
            keepAlive: _lifetime.KeepAlive && !_lifetime.IsStopRequested && !_output.MayLackBody && _failure.BadRequest is null && !ClosesByRestart,
            nothingWritten: applicationCompleted && Body.EarlyLength == 0);
        ThrowIfEarlyBytesDoNotFit(plan);

        // Asked before the head is written: whoever reads the fields after it is shown the server's too, as strings.
        bool isEventStream = !applicationCompleted && plan.Framing is (ResponseBodyFraming.Chunked or ResponseBodyFraming.UntilClose) && Head.IsEventStream;
        if (!plan.KeepAlive)
        {
            _lifetime.CloseAfterResponse();
        }

        WriteHead(plan);
        if (isEventStream)
        {
            _memory.ReleaseUntaken();
        }
    }

    /// <remarks>A head that cannot be written (an encoding refuses a value, fields change meanwhile) has not started: the response may still become an error.</remarks>
    private void WriteHead(in ResponsePlan plan)
    {
        bool isCut = _lifetime.IsCut;
        int length = isCut ? 0 : Head.Write(Body, plan);
        _lifecycle.Apply(ResponseEvent.Start);
        Head.Headers.Freeze();
        if (isCut)
        {
            Body.StartDropped(plan.Framing, plan.ContentLength ?? 0);
        }
        else
        {
            Body.Start(length, plan.Framing, plan.ContentLength ?? 0);
        }
    }

    /// <summary>What was written before the head must be what the head will promise; checked before a byte of it goes out.</summary>
    /// <exception cref="InvalidOperationException">It is more than the length, or there may be no body, and the status is not one that drops it.</exception>
    private void ThrowIfEarlyBytesDoNotFit(in ResponsePlan plan)
    {
        int written = Body.EarlyLength;
        if (plan.Framing == ResponseBodyFraming.None && written > 0 && !Head.DropsEarlyBody)
        {
            Head.ThrowIfBodyForbidden();
        }

        if (plan.Framing == ResponseBodyFraming.Length && written > plan.ContentLength)
        {
            throw TooManyBytes(written, plan.ContentLength.GetValueOrDefault());
        }
    }

    /// <summary>Whatever the application had prepared is dropped: the response will be an error. Inside the gate, or where the loop is alone.</summary>
    internal void BecomeError()
    {
        Body.DiscardEarlyBytes();
        Callbacks.Clear();
        Head.BecomeError(_failure);
    }

    /// <summary>A first write of so many bytes, whose head is not out yet.</summary>
    /// <exception cref="InvalidOperationException">It is more than was promised: nothing is sent, and the response may still become an error.</exception>
    private void ThrowIfTooMany(int bytes)
    {
        if (bytes > 0 && bytes > Head.PromisedLength - Body.Written)
        {
            throw TooMany(bytes, Head.PromisedLength.GetValueOrDefault());
        }
    }

    /// <summary>The connection ends with it, whether or not the application catches this.</summary>
    internal InvalidOperationException TooMany(int bytes, long length)
    {
        _lifetime.CloseAfterResponse(ConnectionError.ResponseLength);
        return TooManyBytes(Body.Written + bytes, length);
    }

    private static InvalidOperationException TooManyBytes(long written, long length) =>
        new($"Response Content-Length mismatch: too many bytes written ({written} of {length}).");
}
