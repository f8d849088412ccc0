using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace OneShot.AspNetCore.Headers;

/// <summary>
/// A request as a server that has parsed it gives it: strings. To be collected before anything of ours is locked, since what is asked for them may be
/// the application's, which can put features and header dictionaries of its own in the place of the server's.
/// </summary>
/// <remarks>
/// A copy, and not the enumerator: it is measured and then written, and Kestrel's headers have one enumerator for the connection,
/// which somebody who has kept them may be using.
/// </remarks>
internal readonly struct RequestFields : IDisposable
{
    private readonly KeyValuePair<string, StringValues>[] _rented;
    private readonly int _count;

    private RequestFields(KeyValuePair<string, StringValues>[] rented, int count, string method, string target)
    {
        _rented = rented;
        _count = count;
        Method = method;
        Target = target;
    }

    public string Method { get; }

    public string Target { get; }

    /// <summary>The header lines, in the order in which the dictionary copies them.</summary>
    public ReadOnlySpan<KeyValuePair<string, StringValues>> Headers => _rented.AsSpan(0, _count);

    /// <summary>Collects them. To be disposed of once.</summary>
    public static RequestFields Of(IHeaderDictionary headers, string method = "", string target = "")
    {
        int count = headers.Count;
        KeyValuePair<string, StringValues>[] rented = ArrayPool<KeyValuePair<string, StringValues>>.Shared.Rent(count);
        try
        {
            headers.CopyTo(rented, 0);
            return new RequestFields(rented, count, method, target);
        }
        catch
        {
            Return(rented);
            throw;
        }
    }

    public void Dispose() => Return(_rented);

    private static void Return(KeyValuePair<string, StringValues>[] rented) => ArrayPool<KeyValuePair<string, StringValues>>.Shared.Return(rented, clearArray: true);
}
