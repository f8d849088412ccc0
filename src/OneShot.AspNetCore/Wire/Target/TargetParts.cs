namespace OneShot.AspNetCore.Wire;

/// <summary>Where path and query are in a target that was accepted, in any of its four forms (RFC 9112, section 3.2).</summary>
internal static class TargetParts
{
    /// <summary>The path as it was sent. Empty for the asterisk and authority forms, and for an absolute one that has none.</summary>
    public static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
    {
        int start = 0;
        if (!target.StartsWith((byte)'/'))
        {
            int scheme = target.IndexOf("://"u8);
            int length = scheme < 0 ? -1 : target[(scheme + 3)..].IndexOfAny((byte)'/', (byte)'?');
            if (length < 0)
            {
                return default;
            }

            start = scheme + 3 + length;
        }

        int end = target[start..].IndexOf((byte)'?');
        return end < 0 ? target[start..] : target.Slice(start, end);
    }

    /// <summary>Whether the target names a resource by an absolute URI.</summary>
    public static bool IsAbsolute(ReadOnlySpan<byte> target) => !target.StartsWith((byte)'/') && target.IndexOf("://"u8) > 0;

    /// <summary>The query as it was sent, without its question mark; empty where there is none.</summary>
    public static ReadOnlySpan<byte> QueryOf(ReadOnlySpan<byte> target)
    {
        int mark = target.IndexOf((byte)'?');
        return mark < 0 ? default : target[(mark + 1)..];
    }
}
