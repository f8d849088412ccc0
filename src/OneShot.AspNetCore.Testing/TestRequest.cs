using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OneShot.AspNetCore.Hosting;

namespace OneShot.AspNetCore.Testing;

/// <summary>
/// A request without a server: an <see cref="HttpContext"/> with an arena and header spans, from <see cref="Create(ValueTuple{string, string}[])"/> until
/// <see cref="Dispose"/>, which is the end of the request. Whatever the code under test has kept is stale from then on, and says so: the arena's <c>Debug</c> is on.
/// </summary>
/// <remarks>One thread at a time, as any request. Each has a process arena of its own, of 1 MiB unless told otherwise.</remarks>
public sealed class TestRequest : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly TaskCompletionSource _end = new();
    private readonly Task _request;

    private TestRequest((string Name, string Value)[] headers, Action<OneShotOptions>? configure)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddOneShotArena(options =>
        {
            (options.Capacity, options.Debug) = (1 << 20, true);
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
        Context = new DefaultHttpContext { RequestServices = _services };
        foreach ((string name, string value) in headers)
        {
            Context.Request.Headers.Append(name, value);
        }

        ApplicationBuilder pipeline = new(_services);
        pipeline.UseOneShotArena();
        pipeline.Run(_ => _end.Task);
        _request = pipeline.Build()(Context);
        if (_request.IsFaulted)
        {
            Dispose();
        }
    }

    /// <summary>The context, with the headers that were given. All of it can be changed, headers until they are read as spans.</summary>
    public HttpContext Context { get; }

    /// <summary>Begins a request.</summary>
    /// <param name="headers">Names and values; a name may come more than once.</param>
    public static TestRequest Create(params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return new TestRequest(headers, configure: null);
    }

    /// <summary>Begins a request whose arena is of another kind.</summary>
    /// <param name="configure">Changes the options: 1 MiB, <c>Debug</c>.</param>
    /// <param name="headers">Names and values; a name may come more than once.</param>
    /// <exception cref="ArgumentException">The options are out of range.</exception>
    public static TestRequest Create(Action<OneShotOptions> configure, params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(configure);
        ArgumentNullException.ThrowIfNull(headers);
        return new TestRequest(headers, configure);
    }

    /// <summary>Ends the request. What the middleware throws by then, comes here.</summary>
    public void Dispose()
    {
        _end.TrySetResult();
        try
        {
            _request.GetAwaiter().GetResult();
        }
        finally
        {
            _services.Dispose();
        }
    }
}
