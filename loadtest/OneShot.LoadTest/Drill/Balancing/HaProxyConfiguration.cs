using System.Globalization;
using System.Text;

namespace OneShot.LoadTest.Drill.Balancing;

/// <summary>The operator's configuration file with other servers in it; all else stays as it is.</summary>
internal static class HaProxyConfiguration
{
    private const string ServerLine = "    server ";

    /// <param name="template">The text of <c>deploy/haproxy/haproxy.cfg</c>.</param>
    /// <param name="ports">A replica each, on loopback.</param>
    /// <exception cref="LoadTestException">The text has no server lines.</exception>
    public static string For(string template, IReadOnlyList<int> ports)
    {
        string[] lines = template.ReplaceLineEndings("\n").Split('\n');
        int first = Array.FindIndex(lines, IsServer);
        if (first < 0)
        {
            throw new LoadTestException("haproxy.cfg has no 'server' lines to put the replicas in place of.");
        }

        StringBuilder text = new();
        for (int i = 0; i < lines.Length; i++)
        {
            if (i == first)
            {
                for (int replica = 0; replica < ports.Count; replica++)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{ServerLine}{Name(replica)} 127.0.0.1:{ports[replica]}\n");
                }
            }

            if (!IsServer(lines[i]))
            {
                text.Append(lines[i]).Append('\n');
            }
        }

        return text.ToString();
    }

    public static string Name(int replica) => string.Create(CultureInfo.InvariantCulture, $"replica{replica + 1}");

    private static bool IsServer(string line) => line.StartsWith(ServerLine, StringComparison.Ordinal);
}
