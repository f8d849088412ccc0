using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.Fuzzing.Targets;

/// <summary>
/// A request target and its decoded path. Whatever the bytes: the path is what <see cref="ReferencePath"/> makes of it, has no dot
/// segments, what was sent is left as it was, and nothing of an earlier target is seen in a later one.
/// </summary>
/// <remarks>An input is a target, and behind a line feed the Host that comes with it. The parser lets only visible ASCII through.</remarks>
internal sealed class TargetFuzz
{
    private static readonly HttpMethodId[] s_methods = [HttpMethodId.Get, HttpMethodId.Options, HttpMethodId.Connect];

    [ThreadStatic]
    private static TargetFuzz? s_instance;

    private readonly GuardedMemory _source = new(FuzzTarget.LongestInput);
    private readonly GuardedMemory _destination = new(FuzzTarget.LongestInput);
    private readonly byte[] _visible = new byte[FuzzTarget.LongestInput];
    private readonly RequestTarget _connections = new();

    /// <exception cref="Violation">A promise was broken.</exception>
    public static void Run(ReadOnlySpan<byte> input)
    {
        TargetFuzz fuzz = s_instance ??= new TargetFuzz();
        int lineEnd = input.IndexOf((byte)'\n');
        ReadOnlySpan<byte> target = fuzz.MakeVisible(lineEnd < 0 ? input : input[..lineEnd]);
        ReadOnlySpan<byte> host = lineEnd < 0 ? [] : input[(lineEnd + 1)..];
        if (target.IsEmpty)
        {
            return;
        }

        foreach (HttpMethodId method in s_methods)
        {
            fuzz.CheckTarget(target, method, HostSyntax.IsValid(host) ? host : []);
        }
    }

    /// <summary>As <see cref="Run"/>, for a target that a parser has let through.</summary>
    public static void Check(ReadOnlySpan<byte> target, HttpMethodId method, ReadOnlySpan<byte> host) =>
        (s_instance ??= new TargetFuzz()).CheckTarget(target, method, host);

    private ReadOnlySpan<byte> MakeVisible(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            _visible[i] = bytes[i] is >= (byte)'!' and <= (byte)'~' ? bytes[i] : (byte)('!' + (bytes[i] % 94));
        }

        return _visible.AsSpan(0, bytes.Length);
    }

    private void CheckTarget(ReadOnlySpan<byte> target, HttpMethodId method, ReadOnlySpan<byte> host)
    {
        ReadOnlySpan<byte> sent = _source.Place(target);
        var fresh = new RequestTarget(reuseStrings: false);
        RequestRejection rejection = fresh.Parse(sent, method, host);
        RequestRejection alone = RequestTarget.Check(sent, method);
        Violation.Unless(alone == new RequestTarget(reuseStrings: false).Parse(sent, method, []), "A target is refused for itself exactly when it is refused without a Host");
        Violation.Unless(alone == RequestRejection.None || rejection != RequestRejection.None, "A target that is refused for itself is refused with every Host");
        Violation.Unless(sent.SequenceEqual(target), "What was sent is left as it was");

        // Twice on the connection's own, which remembers its last target: first another one's, then its own.
        for (int i = 0; i < 2; i++)
        {
            Violation.Unless(_connections.Parse(_source.PlaceAtStart(target), method, host) == rejection, "An earlier target changes no refusal");
            Violation.Unless(
                rejection != RequestRejection.None || Describe(_connections) == Describe(fresh), "Nothing of an earlier target is seen in a later one");
        }

        string text = Encoding.ASCII.GetString(target);
        if (rejection == RequestRejection.None)
        {
            CheckAccepted(fresh, text, method, Encoding.ASCII.GetString(host));
        }

        if (text.StartsWith('/') && method != HttpMethodId.Connect)
        {
            string path = text.Split('?')[0];
            string? expected = CheckPath(path);
            Violation.Unless(rejection == RequestRejection.None == expected is not null, "An origin form is refused for its path alone");
            Violation.Unless(expected is null || fresh.Path == expected, "A path is decoded, then normalised");
        }
    }

    private static void CheckAccepted(RequestTarget parsed, string target, HttpMethodId method, string host)
    {
        Violation.Unless(parsed.RawTarget == target, "The raw target is what was sent");
        Violation.Unless(parsed.HostOverride is null, "No authority replaces a Host unless that is allowed");
        Violation.Unless(parsed.QueryString.Length == 0 || (parsed.QueryString[0] == '?' && target.EndsWith(parsed.QueryString, StringComparison.Ordinal)), "A query is left as it was sent");
        if (target == "*" || method == HttpMethodId.Connect)
        {
            Violation.Unless(parsed.Path.Length == 0 && parsed.QueryString.Length == 0, "Neither an asterisk nor an authority has a path");
            Violation.Unless(method == (target == "*" ? HttpMethodId.Options : HttpMethodId.Connect), "Each of the two forms belongs to one method");
            return;
        }

        Violation.Unless(parsed.Path.StartsWith('/') && !parsed.Path.Contains('\0', StringComparison.Ordinal), "A path begins with a slash and has no NUL");
        Violation.Unless(!parsed.Path.Split('/').Any(segment => segment is "." or ".."), "A path has no dot segments");
        if (!target.StartsWith('/'))
        {
            string rest = target[(target.IndexOf("://", StringComparison.Ordinal) + 3)..];
            int pathStart = rest.IndexOfAny(['/', '?']);
            string authority = pathStart < 0 ? rest : rest[..pathStart];
            string path = pathStart < 0 ? "" : rest[pathStart..].Split('?')[0];
            Violation.Unless(parsed.Path == (path.Length == 0 ? "/" : ReferencePath.Decode(path)), "The path of an absolute form is decoded, then normalised");
            Violation.Unless(host.Length == 0 || Server(host, target) == Server(authority, target), "The authority is the server that Host names");
        }
    }

    /// <summary>The decoder against the reference, writing right before a page that nobody may write.</summary>
    private string? CheckPath(string path)
    {
        ReadOnlySpan<byte> sent = _source.Place(Encoding.ASCII.GetBytes(path));
        Span<byte> room = _destination.Reserve(path.Length);
        string? expected = ReferencePath.Decode(path);
        bool accepted = TargetPath.TryDecode(sent, room, out int length);
        Violation.Unless(accepted == expected is not null, "A path with an encoded NUL is refused, and no other");
        Violation.Unless(!accepted || Encoding.UTF8.GetString(room[..length]) == expected, "A path decodes to what the reference decodes it to");
        Violation.Unless(!TargetPath.IsPlain(sent) || expected == path, "A plain path is its own decoding");
        Violation.Unless(sent.SequenceEqual(Encoding.ASCII.GetBytes(path)), "A path is decoded into a copy");
        return expected;
    }

    private static string Describe(RequestTarget target) => $"{target.RawTarget}\n{target.Path}\n{target.QueryString}\n{target.HostOverride}";

    /// <summary>Name and port of an authority, the default port written out.</summary>
    private static string Server(string authority, string target)
    {
        int colon = authority.LastIndexOf(':');
        bool hasPort = colon > authority.LastIndexOf(']');
        string name = (hasPort ? authority[..colon] : authority).ToUpperInvariant();
        string port = hasPort ? authority[(colon + 1)..].TrimStart('0') : target.StartsWith("https:", StringComparison.Ordinal) ? "443" : "80";
        return $"{name}:{port}";
    }
}
