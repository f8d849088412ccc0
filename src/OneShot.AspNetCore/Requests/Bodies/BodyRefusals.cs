using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Requests;

/// <summary>What a body is refused for, each as the exception that the server answers with its status.</summary>
internal static class BodyRefusals
{
    /// <summary>RFC 9110, section 15.5.14, in the words of Kestrel's own.</summary>
    public static BadHttpRequestException TooLarge(int limit) => new(
        string.Create(CultureInfo.InvariantCulture, $"Request body too large. The max request body size is {limit} bytes."), StatusCodes.Status413PayloadTooLarge);

    /// <summary>The same section: more than the server is able to process is its other reason.</summary>
    public static BadHttpRequestException NoRoom(ArenaExhaustedException exception) => new(
        "Request body too large: the process arena has no room for it.", StatusCodes.Status413PayloadTooLarge, exception);

    public static BadHttpRequestException NotJson(JsonException exception) => new(
        "The request body is not the JSON that was expected.", StatusCodes.Status400BadRequest, exception);

    /// <summary>RFC 9110, section 15.5.16.</summary>
    public static BadHttpRequestException NotJsonType() => new(
        "Expected a request with a JSON content type, in UTF-8.", StatusCodes.Status415UnsupportedMediaType);
}
