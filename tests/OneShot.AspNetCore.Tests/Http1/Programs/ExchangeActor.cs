using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>The application while it runs a program: the exchange's features, as it was given them, and what it has seen.</summary>
internal sealed class ExchangeActor
{
    private readonly Queue<string> _unsent;
    private readonly Func<string, Task> _send;
    private bool _isRawTaken;

    internal ExchangeActor(HttpContext context, ExchangeProgram program, Func<string, Task> send)
    {
        IFeatureCollection features = context.Features;
        Context = context;
        Response = features.GetRequiredFeature<IHttpResponseFeature>();
        Body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        Lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        MaxSize = features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        Upgrade = features.Get<IHttpUpgradeFeature>();
        Writer = Body.Writer;
        Output = context.Response.Body;
        Control = features.GetRequiredFeature<IHttpBodyControlFeature>();
        RequestTrailers = features.GetRequiredFeature<IHttpRequestTrailersFeature>();
        Reader = features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        Input = context.Request.Body;
        IsChunked = program.Head.Contains("Transfer-Encoding", StringComparison.Ordinal);
        _unsent = new Queue<string>(program.Pieces.Skip(1));
        _send = send;
    }

    internal HttpContext Context { get; }

    internal IHttpResponseFeature Response { get; }

    internal IHttpResponseBodyFeature Body { get; }

    internal IHttpRequestLifetimeFeature Lifetime { get; }

    internal IHttpMaxRequestBodySizeFeature MaxSize { get; }

    internal IHttpUpgradeFeature? Upgrade { get; }

    internal IHttpBodyControlFeature Control { get; }

    internal IHttpRequestTrailersFeature RequestTrailers { get; }

    internal PipeWriter Writer { get; }

    internal Stream Output { get; }

    internal PipeReader Reader { get; }

    internal Stream Input { get; }

    /// <summary>How its data is cut into reads is the server's business.</summary>
    internal bool IsChunked { get; }

    internal Stream? Upgraded { get; set; }

    internal bool IsLate { get; set; }

    /// <summary>After so many steps another thread aborts; never where it is negative.</summary>
    internal int AbortAfter { get; set; } = -1;

    internal List<string> Trace { get; } = [];

    /// <summary>Does the steps one after the other; the one that is to end the application's run does.</summary>
    internal async Task RunAsync(IReadOnlyList<ExchangeStep> steps)
    {
        foreach (ExchangeStep step in steps)
        {
            if (AbortAfter-- == 0)
            {
                _ = Task.Run(Lifetime.Abort);
            }

            string result;
            try
            {
                result = await step.RunAsync(this);
            }
            catch (ProgramEnd end)
            {
                Note($"{step.Name}: ends");
                throw end.InnerException!;
            }
            catch (Exception exception)
            {
                result = "throws " + exception.GetType().Name + (exception is BadHttpRequestException bad ? bad.StatusCode.ToString(CultureInfo.InvariantCulture) : "");
            }

            string state = IsLate ? "" : string.Create(CultureInfo.InvariantCulture, $" [{Response.HasStarted} {Response.StatusCode}]");
            Note($"{step.Name}: {result}{state}");
        }
    }

    private void Note(string entry)
    {
        lock (Trace)
        {
            Trace.Add(entry);
        }
    }

    /// <summary>A read that has nothing in hand is given the next pieces, as by a client that has only now got to them.</summary>
    internal async Task<T> FeedAsync<T>(Task<T> read)
    {
        while (!read.IsCompleted && _unsent.TryDequeue(out string? piece))
        {
            await _send(piece);
        }

        return await read.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>The upgraded stream, once: there is no more to read from it.</summary>
    internal Stream? TakeRaw()
    {
        Stream? stream = _isRawTaken ? null : Upgraded;
        _isRawTaken |= stream is not null;
        return stream;
    }

    /// <summary>The client sends what is left.</summary>
    internal async Task SendRestAsync()
    {
        while (_unsent.TryDequeue(out string? piece))
        {
            await _send(piece);
        }
    }
}

/// <summary>The application throws this program's exception, where every other one is merely noted.</summary>
internal sealed class ProgramEnd(Exception inner) : Exception("", inner);
