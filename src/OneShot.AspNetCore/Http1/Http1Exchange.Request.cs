using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Http1;

/// <summary>What the request says: line and fields.</summary>
internal abstract partial class Http1Exchange :
    IHttpRequestFeature, IHttpRequestIdentifierFeature, IEndpointFeature, IRouteValuesFeature
{
    private readonly ArenaHeaderDictionary _requestHeaders;
    private readonly bool _isTls;
    private RouteValueDictionary? _routeValues;

    string IHttpRequestFeature.Protocol { get; set; } = "";

    string IHttpRequestFeature.Scheme { get; set; } = "";

    string IHttpRequestFeature.Method { get; set; } = "";

    string IHttpRequestFeature.PathBase { get; set; } = "";

    string IHttpRequestFeature.Path { get; set; } = "";

    string IHttpRequestFeature.QueryString { get; set; } = "";

    string IHttpRequestFeature.RawTarget { get; set; } = "";

    IHeaderDictionary IHttpRequestFeature.Headers { get; set; } = null!;

    Stream IHttpRequestFeature.Body { get; set; } = Stream.Null;

    [field: MaybeNull]
    public string TraceIdentifier
    {
        get => field ??= MakeTraceIdentifier();
        set;
    }

    Endpoint? IEndpointFeature.Endpoint { get; set; }

    RouteValueDictionary IRouteValuesFeature.RouteValues
    {
        get => _routeValues ??= [];
        set => _routeValues = value;
    }

    private IHttpRequestFeature Request => this;

    private void BeginRequest(in RequestLine line, RequestTarget target)
    {
        IHttpRequestFeature request = Request;
        _isHead = line.Method == HttpMethodId.Head;
        _isSafe = line.Method is HttpMethodId.Get or HttpMethodId.Head;
        _isConnect = line.Method == HttpMethodId.Connect;
        _isHttp10 = line.Version == HttpVersion.Http10;
        request.Protocol = _isHttp10 ? HttpProtocol.Http10 : HttpProtocol.Http11;
        request.Scheme = _isTls ? "https" : "http";
        request.Method = MethodNames.ToName(line.Method, line.MethodOf(_connection.Table.Head));
        request.PathBase = "";
        request.Path = target.Path;
        request.QueryString = target.QueryString;
        request.RawTarget = target.RawTarget;
        request.Headers = _requestHeaders;
        request.Body = _requestStream;
        TraceIdentifier = null!;
        ((IEndpointFeature)this).Endpoint = null;
        _routeValues?.Clear();
    }
}
