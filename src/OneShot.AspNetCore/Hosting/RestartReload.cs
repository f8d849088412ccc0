using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Logging;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Hands the restart thresholds of a reloaded configuration to the monitor. The other options are read at start only; one that has changed is told. At the start, so are keys that nothing reads.
/// </summary>
/// <remarks>
/// Not by <see cref="IOptionsMonitor{TOptions}"/>: a value out of range would throw out of its change callback, into the file
/// watcher that no application listens to. Here it is told in the log, and what was set before stays.
/// </remarks>
internal sealed class RestartReload : IDisposable
{
    private const string Reloaded = nameof(OneShotOptions.Restart) + ":";

    private readonly IOptionsFactory<OneShotOptions> _options;
    private readonly RestartMonitor _monitor;
    private readonly ILogger _logger;
    private readonly bool _succeeds;
    private readonly List<IDisposable> _subscriptions = [];
    private readonly List<(IConfiguration Section, string Key, string? AtStart)> _fixed = [];

    public RestartReload(
        IEnumerable<RestartReloadSource> sources, IOptionsFactory<OneShotOptions> options, RestartMonitor monitor, IOptions<OneShotOptions> atStart, ILogger<RestartReload> logger)
    {
        _succeeds = atStart.Value.Restart.Succeed;
        _options = options;
        _monitor = monitor;
        _logger = logger;
        HashSet<string> told = []; // both with an arena and without, one may have been added
        foreach (RestartReloadSource source in sources)
        {
            if (source.Section is { } section)
            {
                if (told.Add((section as IConfigurationSection)?.Path ?? ""))
                {
                    UnknownKeys.Tell(section, logger);
                    _fixed.AddRange(OneShotOptionsReader.Keys.Where(static key => !IsReloaded(key)).Select(key => (section, key, section[key])));
                }

                _subscriptions.Add(ChangeToken.OnChange(section.GetReloadToken, Apply));
            }
        }
    }

    public void Dispose() => _subscriptions.ForEach(static subscription => subscription.Dispose());

    /// <summary>All of the ladder's, but whether listening sockets are such as can be handed on, which they are from the start, or not at all.</summary>
    private static bool IsReloaded(string key) => key.StartsWith(Reloaded, StringComparison.Ordinal) && key != Reloaded + nameof(RestartOptions.Succeed);

    private void Apply()
    {
        TellFixed();
        try
        {
            RestartOptions restart = _options.Create(Options.DefaultName).Restart;
            restart.Succeed = _succeeds;
            _monitor.Apply(restart);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Invalid values, or whatever a Configure delegate of the application throws: the watcher of the files must not hear of it.
            Events.ReloadRefused(_logger, exception.Message);
        }
    }

    private void TellFixed()
    {
        lock (_fixed)
        {
            for (int i = 0; i < _fixed.Count; i++)
            {
                (IConfiguration section, string key, string? before) = _fixed[i];
                string? now = section[key];
                if (now != before)
                {
                    _fixed[i] = (section, key, now);
                    Events.OptionNeedsRestart(_logger, key, now ?? "not set", before ?? "not set");
                }
            }
        }
    }
}
