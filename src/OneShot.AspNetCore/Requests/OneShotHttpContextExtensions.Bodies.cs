using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OneShot;
using OneShot.AspNetCore.Requests;
using OneShot.AspNetCore.Wire;

namespace Microsoft.AspNetCore.Http;

/// <summary>Bodies in the arena: that of the request, and JSON both ways.</summary>
public static partial class OneShotHttpContextExtensions
{
    /// <summary>
    /// Reads the request's body into its arena, to its end. It takes memory as bytes come, not as they are announced. Who calls again gets
    /// the same body.
    /// </summary>
    /// <remarks>
    /// It reads <c>Request.BodyReader</c>: what others have read of it before is not in it, and what middleware has put in its place
    /// (decompression, buffering) is what is read. One call at a time.
    /// </remarks>
    /// <param name="context">The request's.</param>
    /// <param name="limit">The most bytes the body may have; 0 for none. The server's own limit holds beside it.</param>
    /// <param name="cancellationToken">Gives up waiting. What had come by then is lost.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is negative.</exception>
    /// <exception cref="BadHttpRequestException">
    /// 413, which the server answers: the body is longer than <paramref name="limit"/>, by what was announced or by what has come; or, under
    /// <see cref="ArenaExhaustion.Throw"/>, the process arena has no room for it. Or what the server refuses the body for.
    /// </exception>
    /// <exception cref="ArenaExhaustedException">No room for the body, under <see cref="ArenaExhaustion.Reject"/>: 503, if it is let through.</exception>
    /// <exception cref="InvalidOperationException">The body is being read by another call, or an earlier one has not come to its end; or there is no arena.</exception>
    /// <exception cref="OperationCanceledException">Canceled, by the token or by <c>BodyReader.CancelPendingRead</c>.</exception>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public static ValueTask<ArenaBody> ReadBodyAsync(this HttpContext context, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return BodyReading.ReadAsync(context, Feature(context), limit, cancellationToken);
    }

    /// <summary>
    /// Reads the request's body into its arena, as <c>ReadBodyAsync</c> does, and from there the value that it is the JSON of.
    /// </summary>
    /// <param name="context">The request's.</param>
    /// <param name="type">How it is read, such as <c>OrderContext.Default.Order</c> of a source-generated context.</param>
    /// <param name="limit">The most bytes the body may have.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The value; null where the JSON is <c>null</c>.</returns>
    /// <exception cref="BadHttpRequestException">
    /// 413 as with <c>ReadBodyAsync</c>; 415: the request has no JSON content type (<c>application/json</c>, <c>…+json</c>), or another charset than UTF-8;
    /// 400: the body is not the JSON of such a value.
    /// </exception>
    public static ValueTask<T?> ReadJsonAsync<T>(this HttpContext context, JsonTypeInfo<T> type, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return ReadJsonCoreAsync(context, type, limit, cancellationToken);
    }

    /// <summary>
    /// Answers with a value as JSON: written into the arena, and sent with its length and, unless the response has a content type, with
    /// <c>application/json; charset=utf-8</c>.
    /// </summary>
    /// <param name="context">The request's.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written, such as <c>ReceiptContext.Default.Receipt</c> of a source-generated context.</param>
    /// <param name="cancellationToken">Gives up sending.</param>
    /// <exception cref="InvalidOperationException">The response has started; or there is no arena.</exception>
    /// <exception cref="JsonException">The value cannot be written. Nothing of it was sent.</exception>
    /// <exception cref="ArenaExhaustedException">The process arena is full and its policy is not to fall back.</exception>
    public static ValueTask WriteJsonAsync<T>(this HttpContext context, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        return JsonAnswer.WriteAsync(context, Feature(context).Arena, value, type, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<T?> ReadJsonCoreAsync<T>(HttpContext context, JsonTypeInfo<T> type, int limit, CancellationToken cancellationToken)
    {
        if (!JsonMediaType.IsJson(context.Request.ContentType))
        {
            throw BodyRefusals.NotJsonType();
        }

        ArenaBody body = await BodyReading.ReadAsync(context, Feature(context), limit, cancellationToken);
        return body.ReadJson(type);
    }
}
