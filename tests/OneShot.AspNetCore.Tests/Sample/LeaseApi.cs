using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace OneShot.AspNetCore.Tests.Sample;

/// <summary>The Leases of one namespace as an API server keeps them: every update is of a version, and of two updates of one the second is refused.</summary>
internal sealed class LeaseApi : HttpMessageHandler
{
    public const string Path = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonNode> _leases = [];
    private int _version;

    /// <summary>Answered to everything, while it is set.</summary>
    public HttpStatusCode? Fault { get; set; }

    /// <summary>Thrown instead of an answer, while it is set.</summary>
    public Exception? Throws { get; set; }

    /// <summary>Runs between a question and its answer, so that somebody else may be faster.</summary>
    public Action? AfterRead { get; set; }

    public string? HolderOf(string name)
    {
        lock (_lock)
        {
            return _leases.TryGetValue(name, out JsonNode? lease) ? lease["spec"]!["holderIdentity"]!.GetValue<string>() : null;
        }
    }

    public HttpClient Connect() => new(this, disposeHandler: false) { BaseAddress = new Uri("http://cluster") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Throws is { } failure)
        {
            throw failure;
        }

        if (Fault is { } fault)
        {
            return new HttpResponseMessage(fault);
        }

        JsonNode? body = request.Content is null ? null : JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        string path = request.RequestUri!.AbsolutePath;
        Assert.StartsWith(Path, path, StringComparison.Ordinal);
        HttpResponseMessage response = Answer(request.Method, path, body);
        if (request.Method == HttpMethod.Get)
        {
            Action? after = AfterRead;
            AfterRead = null;
            after?.Invoke();
        }

        return response;
    }

    private HttpResponseMessage Answer(HttpMethod method, string path, JsonNode? body)
    {
        lock (_lock)
        {
            if (method == HttpMethod.Post)
            {
                string created = body!["metadata"]!["name"]!.GetValue<string>();
                return path != Path ? new(HttpStatusCode.NotFound) : _leases.ContainsKey(created) ? new(HttpStatusCode.Conflict) : Keep(created, body, HttpStatusCode.Created);
            }

            string name = path[(Path.Length + 1)..];
            if (!_leases.TryGetValue(name, out JsonNode? lease))
            {
                return new HttpResponseMessage(HttpStatusCode.NotFound);
            }

            if (method == HttpMethod.Get)
            {
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(lease.ToJsonString()) };
            }

            Assert.Equal(HttpMethod.Put, method);
            return body!["metadata"]!["resourceVersion"]!.GetValue<string>() == lease["metadata"]!["resourceVersion"]!.GetValue<string>()
                ? Keep(name, body, HttpStatusCode.OK)
                : new HttpResponseMessage(HttpStatusCode.Conflict);
        }
    }

    private HttpResponseMessage Keep(string name, JsonNode lease, HttpStatusCode status)
    {
        lease["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _leases[name] = lease;
        return new HttpResponseMessage(status) { Content = new StringContent(lease.ToJsonString()) };
    }
}
