using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Requests;

/// <summary>The request line's parts as bytes.</summary>
internal static class RequestHead
{
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public static ReadOnlySpan<byte> MethodOf(HeaderSpans headers)
    {
        while (true)
        {
            HeaderTable.Lines lines = headers.Lines.Current();
            ReadOnlySpan<byte> method = lines.Method;
            if (lines.IsCurrent)
            {
                return method;
            }
        }
    }

    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public static ReadOnlySpan<byte> TargetOf(HeaderSpans headers)
    {
        while (true)
        {
            HeaderTable.Lines lines = headers.Lines.Current();
            ReadOnlySpan<byte> target = lines.Target;
            if (lines.IsCurrent)
            {
                return target;
            }
        }
    }

    /// <summary>The path as the application is to see it; decoded into the arena where that is not how it was sent.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public static ReadOnlySpan<byte> PathOf(HeaderSpans headers, IRequestArenaFeature feature)
    {
        while (true)
        {
            HeaderTable.Lines lines = headers.Lines.Current();
            ReadOnlySpan<byte> target = lines.Target;
            ReadOnlySpan<byte> path = TargetParts.PathOf(target);
            path = !path.IsEmpty ? Decode(path, feature) : TargetParts.IsAbsolute(target) ? "/"u8 : default;
            if (lines.IsCurrent)
            {
                return path;
            }
        }
    }

    private static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> path, IRequestArenaFeature feature)
    {
        if (TargetPath.IsPlain(path))
        {
            return path;
        }

        Span<byte> decoded = feature.Arena.AllocateUninitialized<byte>(path.Length);
        return TargetPath.TryDecode(path, decoded, out int length) ? decoded[..length] : default;
    }
}
