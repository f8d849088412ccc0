using System.Globalization;

namespace HeaderServer.Systemd;

/// <summary>
/// Listening sockets that a parent process has opened, and that stay open while this one is replaced: sd_listen_fds(3). Clients that
/// connect meanwhile wait in the socket's backlog, and are answered by the successor.
/// </summary>
internal static class SocketActivation
{
    private const string ProcessVariable = "LISTEN_PID";
    private const string CountVariable = "LISTEN_FDS";

    /// <summary>The sockets are all there is to listen on: the end points of the settings are left out, or a second instance could not start.</summary>
    /// <returns>Whether there are any for this process.</returns>
    public static bool TryAdd(WebApplicationBuilder builder)
    {
        if (!IsForThisProcess(Environment.GetEnvironmentVariable(ProcessVariable), Environment.GetEnvironmentVariable(CountVariable)))
        {
            return false;
        }

        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection(builder.Configuration.GetSection("Kestrel")
            .AsEnumerable(makePathsRelative: true)
            .Where(static setting => !setting.Key.StartsWith("Endpoints", StringComparison.OrdinalIgnoreCase))).Build();
        builder.WebHost.PreferHostingUrls(false).ConfigureKestrel(options =>
        {
            options.Configure(settings);
            options.UseSystemd();
        });
        return true;
    }

    /// <summary>A child of the process that the sockets were meant for inherits the variables too.</summary>
    internal static bool IsForThisProcess(string? process, string? count) =>
        int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id == Environment.ProcessId
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int sockets) && sockets > 0;
}
