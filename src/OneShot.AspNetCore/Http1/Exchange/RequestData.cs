using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OneShot.AspNetCore.Wire;

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
    public IHeaderDictionary Headers;
    public Stream Body;
    public Endpoint? Endpoint;

    /// <summary>Cleared, not made anew: it is the connection's.</summary>
    public RouteValueDictionary? RouteValues;

    public bool AllowSynchronousIO;
    public bool IsUpgradable;

    private RequestTarget? _target;
    private string? _queryString;
    private string? _rawTarget;

    /// <summary>The target's, made when it is asked for, or what middleware has put in its place.</summary>
    public string QueryString
    {
        readonly get => _queryString ?? _target?.QueryString ?? "";
        set => _queryString = value ?? ""; // default(QueryString) has no string
    }

    /// <inheritdoc cref="QueryString"/>
    public string RawTarget
    {
        readonly get => _rawTarget ?? _target?.RawTarget ?? "";
        set => _rawTarget = value ?? "";
    }

    /// <summary>The next request's, all of it.</summary>
    /// <remarks>Most of it is what the last one had: a reference that is not written costs no write barrier, and there are ten.</remarks>
    internal void Begin(
        string protocol, string scheme, string method, RequestTarget target, IHeaderDictionary headers, Stream body, bool allowSynchronousIO, bool isUpgradable)
    {
        Put(ref Protocol, protocol);
        Put(ref Scheme, scheme);
        Put(ref Method, method);
        Put(ref PathBase, "");
        Put(ref Path, target.Path);
        Put(ref _target, target);
        Put(ref _queryString, null);
        Put(ref _rawTarget, null);
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
