using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// What the present request says, as strings, and what middleware has put in its place. <see cref="Begin"/> sets
/// all of it, so that nothing of the last request is left.
/// </summary>
internal struct RequestData
{
    public string Protocol;
    public string Scheme;
    public string Method;
    public string PathBase;
    public string Path;
    public string QueryString;
    public string RawTarget;
    public IHeaderDictionary Headers;
    public Stream Body;
    public Endpoint? Endpoint;

    /// <summary>Cleared, not made anew: it is the connection's.</summary>
    public RouteValueDictionary? RouteValues;

    public bool AllowSynchronousIO;
    public bool IsUpgradable;

    /// <summary>The next request's, all of it.</summary>
    /// <remarks>Most of it is what the last one had: a reference that is not written costs no write barrier, and there are ten.</remarks>
    internal void Begin(
        string protocol, string scheme, string method, string path, string queryString, string rawTarget, IHeaderDictionary headers, Stream body, bool allowSynchronousIO, bool isUpgradable)
    {
        Put(ref Protocol, protocol);
        Put(ref Scheme, scheme);
        Put(ref Method, method);
        Put(ref PathBase, "");
        Put(ref Path, path);
        Put(ref QueryString, queryString);
        Put(ref RawTarget, rawTarget);
        Put(ref Headers, headers);
        Put(ref Body, body);
        Put(ref Endpoint, null);
        RouteValues?.Clear();
        AllowSynchronousIO = allowSynchronousIO;
        IsUpgradable = isUpgradable;
    }

    private static void Put<T>(ref T field, T value)
        where T : class?
    {
        if (!ReferenceEquals(field, value))
        {
            field = value;
        }
    }
}
