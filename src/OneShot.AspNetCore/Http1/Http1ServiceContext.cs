using System.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Http1.Response;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Restart;
using OneShot.AspNetCore.Telemetry;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Http1;

/// <summary>What every connection of the front shares. One per container.</summary>
internal sealed class Http1ServiceContext : IDisposable
{
    private long _upgraded;

    public Http1ServiceContext(
        IOptions<KestrelServerOptions> options,
        RequestArenaPool arenas,
        RestartMonitor restart,
        ILoggerFactory loggers,
        TimeProvider? time = null,
        DiagnosticSource? diagnostics = null,
        Http1Options? switches = null,
        RejectionMetrics? rejections = null,
        OverBudgetArenas? overBudget = null)
    {
        Diagnostics = diagnostics;
        Options = options.Value;
        Arenas = arenas;
        OverBudget = overBudget?.Pool is null ? null : overBudget;
        Restart = restart;
        Switches = switches ?? new Http1Options();
        Rejections = rejections;
        Logger = loggers.CreateLogger("OneShot.AspNetCore.Http1");
        Time = time ?? TimeProvider.System;
        Date = new DateHeader(Time);
    }

    /// <summary>Kestrel's own options: there is one place to configure limits and headers.</summary>
    internal KestrelServerOptions Options { get; }

    /// <summary>What is accepted beyond the front's own rules.</summary>
    internal Http1Options Switches { get; }

    /// <summary>Counts what is refused; null where there are no metrics.</summary>
    internal RejectionMetrics? Rejections { get; }

    /// <summary>Kestrel's limits, as the parser wants them, and what it is to accept.</summary>
    internal HeaderLimits HeaderLimits { get; private set; }

    /// <summary>How strings are made of request fields.</summary>
    internal HeaderDecoder HeaderDecoder { get; private set; } = null!;

    /// <summary>Strings of request fields that connections share; null when strings are not to be used twice.</summary>
    internal HeaderStringCache? HeaderStrings { get; private set; }

    /// <summary>No head that the parser accepts, or still waits for, is larger; the last kibibyte is for skipped empty lines.</summary>
    internal int LargestHead { get; private set; }

    internal RequestArenaPool Arenas { get; }

    /// <summary>Where connections go that take more than their budget; null where nobody has one.</summary>
    internal OverBudgetArenas? OverBudget { get; }

    /// <summary>Says when responses must be their connections' last.</summary>
    internal RestartMonitor Restart { get; }

    internal ILogger Logger { get; }

    /// <summary>Where Kestrel's public event is raised; null where the host has none.</summary>
    internal DiagnosticSource? Diagnostics { get; }

    internal TimeProvider Time { get; }

    internal DateHeader Date { get; }

    /// <summary>The application that the host has started the server with; null until then.</summary>
    internal Http1Application? Application { get; private set; }

    /// <summary>The server starts: what Kestrel's options say from here on is what holds.</summary>
    internal void Start(Http1Application application)
    {
        HeaderLimits = HeaderLimits.From(Options.Limits) with { Tolerated = Switches.Tolerated };
        HeaderDecoder = new HeaderDecoder(Options.RequestHeaderEncodingSelector);
        HeaderStrings = Options.DisableStringReuse ? null : new HeaderStringCache();
        LargestHead = (int)Math.Min(
            Array.MaxLength, (long)HeaderLimits.MaxRequestLineSize + HeaderLimits.MaxRequestHeadersTotalSize + 1024);
        Application = application;
    }

    /// <summary>Takes a place among <c>MaxConcurrentUpgradedConnections</c>.</summary>
    internal bool TryBeginUpgraded()
    {
        if (Interlocked.Increment(ref _upgraded) <= (Options.Limits.MaxConcurrentUpgradedConnections ?? long.MaxValue))
        {
            return true;
        }

        EndUpgraded();
        return false;
    }

    internal void EndUpgraded() => Interlocked.Decrement(ref _upgraded);

    /// <summary>Connections that are upgraded now.</summary>
    internal long UpgradedConnections => Interlocked.Read(ref _upgraded);

    public void Dispose() => Date.Dispose();
}
