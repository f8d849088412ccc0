namespace HeaderServer.Endpoints;

/// <summary><c>POST /echo</c>: the request body, sent back as it arrives.</summary>
internal static class EchoEndpoint
{
    public static Task CopyBack(HttpContext context)
    {
        // A type no browser renders, whatever was sent.
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = context.Request.ContentLength;
        return context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter, context.RequestAborted);
    }
}
