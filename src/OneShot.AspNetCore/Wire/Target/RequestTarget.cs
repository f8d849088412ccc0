using System.Buffers;
using System.Text;

namespace OneShot.AspNetCore.Wire;

/// <summary>
/// A request target in its four forms (RFC 9112 3.2), as the strings that <c>IHttpRequestFeature</c> shows. One per connection:
/// a string is made again only when its bytes differ from those of the connection's last request, and those of the target and of its query only
/// when somebody asks for them. Every router asks for the path.
/// </summary>
/// <remarks>
/// The bytes are a copy: what is asked for late is not looked up in a request's memory that may have gone. An application may go on asking, on a thread of
/// its own, when its request is over. It is told of this request or of the next, whole, and what it makes and stores here is not taken for another's: a
/// version is odd while the bytes are replaced, and each string carries that of the bytes that it was made of.
/// </remarks>
/// <param name="reuseStrings">False when the server's <c>DisableStringReuse</c> is set.</param>
/// <param name="allowHostOverride">The server's <c>AllowHostHeaderOverride</c>: the target's authority wins over a Host that differs.</param>
internal sealed class RequestTarget(bool reuseStrings = true, bool allowHostOverride = false)
{
    private const int StackLimit = 512;
    private const int UsualLength = 256;

    /// <summary>The last target: what precedes its path, the path, and the query. An array for as much as most targets have.</summary>
    private byte[] _bytes = [];
    private int _pathStart;
    private int _pathEnd;
    private int _length;
    private int _version;
    private string? _wholePath; // the path, where it is the whole target as well
    private Made? _rawTarget;
    private Made? _queryString;

    /// <summary>The target as it was sent.</summary>
    public string RawTarget => _wholePath ?? TextOf(ref _rawTarget, isQuery: false);

    /// <summary>The decoded path without dot segments; empty for the asterisk and authority forms.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The query as it was sent, with its question mark; or empty.</summary>
    public string QueryString => _pathEnd == _length ? "" : TextOf(ref _queryString, isQuery: true);

    private ReadOnlySpan<byte> Last => _bytes.AsSpan(0, _length);

    private ReadOnlySpan<byte> LastPath => _bytes.AsSpan(_pathStart, _pathEnd - _pathStart);

    /// <summary>The authority that replaces the Host header, or null when there is nothing to replace.</summary>
    public string? HostOverride { get; private set; }

    /// <summary>Where it begins in the target.</summary>
    public int HostOverrideStart { get; private set; }

    /// <summary>Reads a target. The bytes are visible ASCII, which the parser has made sure of, and are left as they are.</summary>
    /// <param name="target">The target, not empty.</param>
    /// <param name="method">The request's method: two of the forms belong to one method each.</param>
    /// <param name="host">The value of the Host header; empty when there is none.</param>
    public RequestRejection Parse(ReadOnlySpan<byte> target, HttpMethodId method, ReadOnlySpan<byte> host)
    {
        HostOverride = null;
        if (target[0] == '/' && method != HttpMethodId.Connect)
        {
            return TakePathAndQuery(target, 0);
        }

        if (target.SequenceEqual("*"u8))
        {
            return method == HttpMethodId.Options ? TakeWhole(target) : RequestRejection.TargetNeedsOptions;
        }

        if (method != HttpMethodId.Connect && TryGetAuthorityStart(target, out _, out _))
        {
            return TakeAbsolute(target, host);
        }

        return TakeAuthority(target, method, host);
    }

    /// <summary>What a target is refused for by itself, whatever the Host header says.</summary>
    /// <param name="target">The target, not empty.</param>
    /// <param name="method">The request's method.</param>
    public static RequestRejection Check(ReadOnlySpan<byte> target, HttpMethodId method)
    {
        bool isConnect = method == HttpMethodId.Connect;
        if (target.SequenceEqual("*"u8))
        {
            return method == HttpMethodId.Options ? RequestRejection.None : RequestRejection.TargetNeedsOptions;
        }

        if (!isConnect && (target[0] == '/' || TryGetAuthorityStart(target, out _, out _)))
        {
            int pathStart = 0;
            if (target[0] != '/' && !TrySplitAbsolute(target, out _, out pathStart, out _))
            {
                return RequestRejection.InvalidTarget;
            }

            return TargetPath.HoldsNul(PathOf(target, pathStart)) ? RequestRejection.InvalidTarget : RequestRejection.None;
        }

        return CheckAuthority(target, isConnect);
    }

    private static RequestRejection CheckAuthority(ReadOnlySpan<byte> target, bool isConnect)
    {
        if (!HostSyntax.TrySplit(target, out _, out ReadOnlySpan<byte> port))
        {
            return RequestRejection.InvalidTarget;
        }

        if (!isConnect)
        {
            return RequestRejection.TargetNeedsConnect;
        }

        // A tunnel has no default port (RFC 9110 9.3.6).
        return port.IsEmpty ? RequestRejection.InvalidTarget : RequestRejection.None;
    }

    private static bool TryGetAuthorityStart(ReadOnlySpan<byte> target, out int start, out ReadOnlySpan<byte> defaultPort)
    {
        start = 0;
        defaultPort = default;
        if (target.StartsWith("http://"u8))
        {
            start = 7;
            defaultPort = "80"u8;
        }
        else if (target.StartsWith("https://"u8))
        {
            start = 8;
            defaultPort = "443"u8;
        }

        return start > 0;
    }

    private static bool TrySplitAbsolute(ReadOnlySpan<byte> target, out ReadOnlySpan<byte> authority, out int pathStart, out ReadOnlySpan<byte> defaultPort)
    {
        TryGetAuthorityStart(target, out int authorityStart, out defaultPort);
        int length = target[authorityStart..].IndexOfAny("/?#"u8);
        pathStart = length < 0 ? target.Length : authorityStart + length;
        authority = target[authorityStart..pathStart];

        // User information is refused with the rest: it serves to hide the authority (RFC 9110 4.2.4). An absolute URI has
        // no fragment (RFC 3986 4.3): some readers would cut it off, others take it for a part of the path.
        return HostSyntax.IsValid(authority) && !target[pathStart..].Contains((byte)'#');
    }

    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target, int pathStart)
    {
        int length = target[pathStart..].IndexOf((byte)'?');
        return length < 0 ? target[pathStart..] : target.Slice(pathStart, length);
    }

    private RequestRejection TakeAbsolute(ReadOnlySpan<byte> target, ReadOnlySpan<byte> host)
    {
        if (!TrySplitAbsolute(target, out ReadOnlySpan<byte> authority, out int pathStart, out ReadOnlySpan<byte> defaultPort))
        {
            return RequestRejection.InvalidTarget;
        }

        if (!host.IsEmpty && !HostSyntax.AreSame(authority, host, defaultPort))
        {
            if (!allowHostOverride)
            {
                return RequestRejection.HostDiffersFromTarget;
            }

            HostOverride = Encoding.ASCII.GetString(HostSyntax.WithoutPort(authority, defaultPort));
            HostOverrideStart = pathStart - authority.Length;
        }

        return TakePathAndQuery(target, pathStart);
    }

    private RequestRejection TakeAuthority(ReadOnlySpan<byte> target, HttpMethodId method, ReadOnlySpan<byte> host)
    {
        RequestRejection rejection = CheckAuthority(target, method == HttpMethodId.Connect);
        if (rejection != RequestRejection.None)
        {
            return rejection;
        }

        return host.IsEmpty || Ascii.EqualsIgnoreCase(target, host) ? TakeWhole(target) : RequestRejection.HostDiffersFromTarget;
    }

    private RequestRejection TakeWhole(ReadOnlySpan<byte> target)
    {
        if (!reuseStrings || _pathStart != target.Length || !target.SequenceEqual(Last))
        {
            Path = "";
            Keep(target, target.Length, target.Length, wholePath: null);
        }

        return RequestRejection.None;
    }

    private RequestRejection TakePathAndQuery(ReadOnlySpan<byte> target, int pathStart)
    {
        if (reuseStrings && _pathStart == pathStart && target.SequenceEqual(Last))
        {
            return RequestRejection.None;
        }

        ReadOnlySpan<byte> path = PathOf(target, pathStart);
        int pathEnd = pathStart + path.Length;
        bool isPlain = !path.IsEmpty && TargetPath.IsPlain(path);
        string? decoded = Path;
        if (!reuseStrings || path.IsEmpty || !path.SequenceEqual(LastPath))
        {
            decoded = isPlain ? Encoding.ASCII.GetString(path) : Decode(path);
            if (decoded is null)
            {
                return RequestRejection.InvalidTarget;
            }
        }

        // Nothing has been changed until here: a target that is refused leaves the last one as it is.
        Path = decoded;
        Keep(target, pathStart, pathEnd, wholePath: isPlain && path.Length == target.Length ? decoded : null);
        return RequestRejection.None;
    }

    /// <summary>The strings that are still to be made are made of this copy.</summary>
    private void Keep(ReadOnlySpan<byte> target, int pathStart, int pathEnd, string? wholePath)
    {
        byte[] bytes = _bytes;
        if (target.Length > bytes.Length || (target.Length <= UsualLength && bytes.Length > UsualLength))
        {
            bytes = new byte[Math.Max(target.Length, UsualLength)]; // the array of a long one goes with it
        }

        Interlocked.Increment(ref _version); // a fence too: it is odd before anything changes, and nothing that may fail is left
        _bytes = bytes;
        target.CopyTo(bytes);
        (_pathStart, _pathEnd, _length, _wholePath) = (pathStart, pathEnd, target.Length, wholePath);
        Volatile.Write(ref _version, _version + 1);
    }

    private string TextOf(ref Made? made, bool isQuery)
    {
        SpinWait spin = default;
        while (true)
        {
            int version = Volatile.Read(ref _version);
            if (made is { } last && last.Version == version)
            {
                return last.Text;
            }

            (byte[] bytes, int start, int end) = (_bytes, isQuery ? _pathEnd : 0, _length);
            if (version % 2 == 0 && start <= end && end <= bytes.Length)
            {
                string text = Encoding.ASCII.GetString(bytes.AsSpan(start, end - start));
                Interlocked.MemoryBarrier(); // the bytes were read before it is asked whether they are still the same
                if (Volatile.Read(ref _version) == version)
                {
                    made = new Made(version, text);
                    return text;
                }
            }

            spin.SpinOnce(); // only who asks too late comes here
        }
    }

    /// <summary>The path as the application sees it, or null when it must not be.</summary>
    private static string? Decode(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return "/";
        }

        byte[]? rented = path.Length > StackLimit ? ArrayPool<byte>.Shared.Rent(path.Length) : null;
        Span<byte> buffer = rented ?? stackalloc byte[StackLimit];
        string? decoded = TargetPath.TryDecode(path, buffer, out int length) ? Encoding.UTF8.GetString(buffer[..length]) : null;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return decoded;
    }

    /// <summary>A string, and of which version of the bytes. Immutable: who sees one sees both.</summary>
    private sealed class Made(int version, string text)
    {
        public int Version { get; } = version;

        public string Text { get; } = text;
    }
}
