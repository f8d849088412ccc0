using System.Globalization;
using System.Text;

namespace OneShot.LoadTest.Drill.Balancing;

/// <summary>The operator's configuration file with other servers in each of its backends; all else stays as it is.</summary>
internal static class HaProxyConfiguration
{
    private const string ServerLine = "    server ";

    /// <param name="template">The text of <c>deploy/haproxy/haproxy.cfg</c>.</param>
    /// <param name="ports">A replica each, on loopback.</param>
    /// <exception cref="LoadTestException">The text has no server lines.</exception>
    public static string For(string template, IReadOnlyList<int> ports)
    {
        string[] lines = template.ReplaceLineEndings("\n").Split('\n');
        if (!lines.Any(IsServer))
        {
            throw new LoadTestException("haproxy.cfg has no 'server' lines to put the replicas in place of.");
        }

        StringBuilder text = new();
        bool inServers = false;
        foreach (string line in lines)
        {
            bool isServer = IsServer(line);
            if (isServer && !inServers)
            {
                AppendServers(text, ports);
            }
            else if (!isServer)
            {
                text.Append(line).Append('\n');
            }

            inServers = isServer;
        }

        return text.ToString();
    }

    public static string Name(int replica) => string.Create(CultureInfo.InvariantCulture, $"replica{replica + 1}");

    private static void AppendServers(StringBuilder text, IReadOnlyList<int> ports)
    {
        for (int replica = 0; replica < ports.Count; replica++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ServerLine}{Name(replica)} 127.0.0.1:{ports[replica]}\n");
        }
    }

    private static bool IsServer(string line) => line.StartsWith(ServerLine, StringComparison.Ordinal);
}
