namespace OneShot.LoadTest.Servers;

/// <summary>One of the servers that stand beside each other in a comparison.</summary>
internal abstract record Side(string Name)
{
    public sealed override string ToString() => Name;
}

/// <summary>The sample, by who parses and what brings the bytes.</summary>
internal sealed record SampleSide(Front Front, Transport Transport) : Side($"{Front}/{Transport}");

/// <summary>nginx, for those who know what it does on a machine.</summary>
internal sealed record NginxSide() : Side(Word)
{
    public const string Word = "Nginx";
}

/// <summary>Who parses HTTP/1.1 in the sample: its <c>OneShot:Front</c> setting.</summary>
internal enum Front
{
    Kestrel,
    OneShot,
}

/// <summary>What brings the bytes to the front of the sample: its <c>OneShot:Transport</c> setting.</summary>
internal enum Transport
{
    Sockets,
    OneShot,
}

/// <summary>The sides of a comparison as they are written: <c>Kestrel/Sockets,OneShot/OneShot,Nginx</c>.</summary>
internal static class SideList
{
    public const string Default = "Kestrel/Sockets,OneShot/OneShot";

    private const int Least = 2;
    private const string Form = "write front/transport (Kestrel or OneShot, then Sockets or OneShot) or Nginx, with commas between them";

    /// <summary>The same side twice is allowed: it shows the noise.</summary>
    /// <exception cref="LoadTestException">One of them is no side, or there are fewer than two.</exception>
    public static IReadOnlyList<Side> Parse(string text)
    {
        Side[] sides = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(ParseOne)];
        return sides.Length >= Least
            ? sides
            : throw new LoadTestException($"--sides '{text}' names one side only: {Form}.");
    }

    private static Side ParseOne(string text)
    {
        if (text.Equals(NginxSide.Word, StringComparison.OrdinalIgnoreCase))
        {
            return new NginxSide();
        }

        return text.Split('/') is [string front, string transport] && Named(front, out Front parsedFront) && Named(transport, out Transport parsedTransport)
            ? new SampleSide(parsedFront, parsedTransport)
            : throw new LoadTestException($"--sides: '{text}' is no side: {Form}.");
    }

    /// <summary>By name only: <see cref="Enum.TryParse{TEnum}(string, out TEnum)"/> would take numbers too.</summary>
    private static bool Named<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (T candidate in Enum.GetValues<T>())
        {
            if (text.Equals(candidate.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
