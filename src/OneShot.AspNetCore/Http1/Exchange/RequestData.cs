using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>
/// What the present request says, as strings, and what middleware has put in its place. Assigned once at the beginning of a request,
/// so that nothing of the last one is left.
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
}
