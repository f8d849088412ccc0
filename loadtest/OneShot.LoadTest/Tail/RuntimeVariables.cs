using System.Collections;

namespace OneShot.LoadTest.Tail;

/// <summary>What the environment tells the runtime of every side: variables that begin with <c>DOTNET_</c>, but for those of the SDK and of the host that starts programs.</summary>
internal static class RuntimeVariables
{
    private const string Prefix = "DOTNET_";
    private const string SpinLimit = "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit";

    private static readonly string[] s_ofSdkAndHost =
    [
        "CLI_", "NOLOGO", "NOOPT", "ROOT", "HOST_", "ROLL_FORWARD", "MULTILEVEL_LOOKUP", "GENERATE_ASPNET_CERTIFICATE", "ADD_GLOBAL_TOOLS_TO_PATH",
        "SKIP_", "WATCH", "USE_POLLING_FILE_WATCHER", "RUNNING_IN_CONTAINER", "VERSION", "SYSTEM_GLOBALIZATION_", "NEW_",
    ];

    /// <summary>
    /// Those of this process, which the sides inherit, and one that is set where it is not: workers of the thread pool do not spin before they wait. At
    /// rates far below saturation that is most of what the processes take of the machine, from each other and from the client.
    /// </summary>
    public static IReadOnlyDictionary<string, string> OfEverySide() => Of(
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => ((string)variable.Key, (string)variable.Value!)));

    public static SortedDictionary<string, string> Of(IEnumerable<(string Name, string Value)> environment)
    {
        SortedDictionary<string, string> variables = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in environment)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                && !s_ofSdkAndHost.Any(other => name.AsSpan(Prefix.Length).StartsWith(other, StringComparison.OrdinalIgnoreCase)))
            {
                variables[name] = value;
            }
        }

        variables.TryAdd(SpinLimit, "0");
        return variables;
    }
}
