using System.Reflection;
using System.Text;
using OneShot.AspNetCore.Http1.Exchange;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Http1.Exchange;

public class RequestDataTests
{
    /// <summary>By reflection: a field that is added and forgotten in Begin fails here, and not as another request's value in production.</summary>
    [Fact]
    public void Begin_leaves_nothing_of_the_last_request()
    {
        var headers = new HeaderDictionary();
        var body = new MemoryStream();
        RequestTarget target = Target("/path?query");
        object expected = new RequestData
        {
            Protocol = "HTTP/1.0",
            Scheme = "https",
            Method = "PUT",
            PathBase = "",
            Path = "/path",
            Headers = headers,
            Body = body,
        };
        Fields().Single(static field => field.FieldType == typeof(RequestTarget)).SetValue(expected, target);

        object last = new RequestData();
        foreach (FieldInfo field in Fields())
        {
            field.SetValue(last, Junk(field.FieldType));
        }

        RequestData data = (RequestData)last;
        RouteValueDictionary routeValues = data.RouteValues!;
        routeValues["of"] = "the last request";

        data.Begin("HTTP/1.0", "https", "PUT", target, headers, body, allowSynchronousIO: false, isUpgradable: false);

        Assert.All(Fields().Where(field => field.Name != nameof(RequestData.RouteValues)), field => Assert.Equal(field.GetValue(expected), field.GetValue(data)));
        Assert.Same(routeValues, data.RouteValues);
        Assert.Empty(routeValues);
        Assert.Equal(("/path?query", "?query"), (data.RawTarget, data.QueryString));
    }

    [Theory]
    [InlineData("?other", "?other")]
    [InlineData("", "")]
    [InlineData(null, "")] // of default(QueryString)
    public void What_middleware_sets_stands_until_the_next_request(string? set, string seen)
    {
        RequestData data = default;
        Begin(ref data);
        data.QueryString = set!;
        data.RawTarget = set!;
        Assert.Equal((seen, seen), (data.QueryString, data.RawTarget));

        Begin(ref data);
        Assert.Equal(("?query", "/path?query"), (data.QueryString, data.RawTarget));

        static void Begin(ref RequestData data) =>
            data.Begin("HTTP/1.1", "http", "GET", Target("/path?query"), new HeaderDictionary(), Stream.Null, allowSynchronousIO: false, isUpgradable: false);
    }

    private static RequestTarget Target(string text)
    {
        var target = new RequestTarget();
        Assert.Equal(RequestRejection.None, target.Parse(Encoding.ASCII.GetBytes(text), HttpMethodId.Get, host: default));
        return target;
    }

    private static FieldInfo[] Fields() => typeof(RequestData).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    private static object Junk(Type type) =>
        type == typeof(string) ? "junk"
        : type == typeof(bool) ? true
        : type == typeof(IHeaderDictionary) ? new HeaderDictionary { ["Junk"] = "junk" }
        : type == typeof(Stream) ? new MemoryStream([1])
        : type == typeof(Endpoint) ? new Endpoint(null, null, "junk")
        : type == typeof(RequestTarget) ? Target("/junk?junk")
        : type == typeof(RouteValueDictionary) ? new RouteValueDictionary()
        : throw new NotSupportedException($"What is junk of {type}?");
}
