namespace OneShot.AspNetCore.Hosting;

/// <summary>The names of an enum as a message tells them: <c>Fallback, Reject, Throw or FailFast</c>.</summary>
internal static class EnumNames
{
    public static string Of<T>() where T : struct, Enum
    {
        string[] names = Enum.GetNames<T>();
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }
}
