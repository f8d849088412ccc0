using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>The answer under <see cref="ArenaExhaustion.Reject"/> when the process arena is full: 503 with <c>Retry-After</c>.</summary>
internal static class ArenaRejection
{
    /// <summary>
    /// What must be free for a request to be admitted: about the head of a small request. Asking for more would turn requests
    /// away while there is room for them; one that needs more than there is meets the exhaustion later and gets the same 503.
    /// </summary>
    public const int AdmissionSize = 512;

    /// <summary>
    /// Seconds until a client should try again. The least there is: behind a balancer another process has room right now.
    /// </summary>
    public const string RetryAfter = "1";

    /// <summary>The response must not have started. RFC 9110, sections 15.6.4 and 10.2.3.</summary>
    public static void Apply(HttpResponse response)
    {
        response.Clear();
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = RetryAfter;
    }
}
