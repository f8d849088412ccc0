using System.Globalization;

namespace HeaderServer;

/// <summary>How many connections the server has at most: Kestrel takes its limits from code only, and operators write settings.</summary>
internal static class ConnectionLimit
{
    private const string Key = "Kestrel:Limits:MaxConcurrentConnections";

    /// <summary>Without the setting there is no limit, as without this.</summary>
    public static void Apply(WebApplicationBuilder builder)
    {
        if (builder.Configuration[Key] is not { } text)
        {
            return;
        }

        long most = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0
            ? number
            : throw new InvalidSettingException($"{Key} is '{text}': write a number of connections from 1 on.");
        builder.WebHost.ConfigureKestrel(options => options.Limits.MaxConcurrentConnections = most);
    }
}
