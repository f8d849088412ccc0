namespace HeaderServer;

/// <summary>Who parses HTTP/1.1: the front of OneShot, or Kestrel's own stack under the very same application.</summary>
internal enum Front
{
    OneShot,
    Kestrel,
}

internal static class FrontSetting
{
    private const string Key = "OneShot:Front";

    public static Front Read(IConfiguration configuration) => configuration[Key] switch
    {
        null => Front.OneShot,
        string text when text.Equals(nameof(Front.OneShot), StringComparison.OrdinalIgnoreCase) => Front.OneShot,
        string text when text.Equals(nameof(Front.Kestrel), StringComparison.OrdinalIgnoreCase) => Front.Kestrel,
        string text => throw new InvalidSettingException($"{Key} is '{text}': write OneShot or Kestrel."),
    };
}
