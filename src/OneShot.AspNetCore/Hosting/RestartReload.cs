using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>Hands the restart thresholds of a reloaded configuration to the monitor; the other options are read at start only.</summary>
/// <remarks>
/// Not by <see cref="IOptionsMonitor{TOptions}"/>: a value out of range would throw out of its change callback, into the file
/// watcher that no application listens to. Here it is told in the log, and what was set before stays.
/// </remarks>
internal sealed partial class RestartReload : IDisposable
{
    private readonly IOptionsFactory<OneShotOptions> _options;
    private readonly RestartMonitor _monitor;
    private readonly ILogger _logger;
    private readonly List<IDisposable> _subscriptions = [];

    public RestartReload(
        IEnumerable<RestartReloadSource> sources, IOptionsFactory<OneShotOptions> options, RestartMonitor monitor, ILogger<RestartReload> logger)
    {
        _options = options;
        _monitor = monitor;
        _logger = logger;
        foreach (RestartReloadSource source in sources)
        {
            if (source.Section is { } section)
            {
                _subscriptions.Add(ChangeToken.OnChange(section.GetReloadToken, Apply));
            }
        }
    }

    public void Dispose() => _subscriptions.ForEach(static subscription => subscription.Dispose());

    private void Apply()
    {
        try
        {
            _monitor.Apply(_options.Create(Options.DefaultName).Restart);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Invalid values, or whatever a Configure delegate of the application throws: the watcher of the files must not hear of it.
            LogRefused(_logger, exception.Message);
        }
    }

    [LoggerMessage(1302, LogLevel.Warning, "The reloaded configuration is not used, what was set before stays: {Failures}", EventName = "ReloadRefused")]
    private static partial void LogRefused(ILogger logger, string failures);
}
