using System.Reflection;
using OneShot.AspNetCore.Http1.Exchange;

namespace OneShot.AspNetCore.Tests.Http1.Exchange;

public class RequestDataTests
{
    /// <summary>By reflection: a field that is added and forgotten in Begin fails here, and not as another request's value in production.</summary>
    [Fact]
    public void Begin_leaves_nothing_of_the_last_request()
    {
        var headers = new HeaderDictionary();
        var body = new MemoryStream();
        object expected = new RequestData
        {
            Protocol = "HTTP/1.0",
            Scheme = "https",
            Method = "PUT",
            PathBase = "",
            Path = "/path",
            QueryString = "?query",
            RawTarget = "/path?query",
            Headers = headers,
            Body = body,
        };

        object last = new RequestData();
        foreach (FieldInfo field in Fields())
        {
            field.SetValue(last, Junk(field.FieldType));
        }

        RequestData data = (RequestData)last;
        RouteValueDictionary routeValues = data.RouteValues!;
        routeValues["of"] = "the last request";

        data.Begin("HTTP/1.0", "https", "PUT", "/path", "?query", "/path?query", headers, body, allowSynchronousIO: false, isUpgradable: false);

        Assert.All(Fields().Where(field => field.Name != nameof(RequestData.RouteValues)), field => Assert.Equal(field.GetValue(expected), field.GetValue(data)));
        Assert.Same(routeValues, data.RouteValues);
        Assert.Empty(routeValues);
    }

    private static FieldInfo[] Fields() => typeof(RequestData).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    private static object Junk(Type type) =>
        type == typeof(string) ? "junk"
        : type == typeof(bool) ? true
        : type == typeof(IHeaderDictionary) ? new HeaderDictionary { ["Junk"] = "junk" }
        : type == typeof(Stream) ? new MemoryStream([1])
        : type == typeof(Endpoint) ? new Endpoint(null, null, "junk")
        : type == typeof(RouteValueDictionary) ? new RouteValueDictionary()
        : throw new NotSupportedException($"What is junk of {type}?");
}
