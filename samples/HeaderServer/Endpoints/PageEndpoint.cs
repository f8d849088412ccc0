using HeaderServer.Page;

namespace HeaderServer.Endpoints;

/// <summary><c>GET /</c>: the page to look at.</summary>
internal static class PageEndpoint
{
    private static readonly PageDocument s_page = PageDocument.Load();

    public static async Task Write(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = s_page.Html.Length;
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentSecurityPolicy = s_page.ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        await response.BodyWriter.WriteAsync(s_page.Html, context.RequestAborted);
    }
}
