using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Headers;

namespace OneShot.AspNetCore.Http1;

/// <summary>
/// The event by which Kestrel tells of bad requests, with the features as its value: <see cref="IBadRequestExceptionFeature"/>
/// says why. Applications subscribe to it by name.
/// </summary>
internal abstract partial class Http1Exchange
{
    private const string BadRequestEvent = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>The connection's last head was refused: nothing of it is shown but why.</summary>
    internal void HeadRefused(RequestRejection rejection, int status)
    {
        if (rejection == RequestRejection.None || _front.Diagnostics?.IsEnabled(BadRequestEvent) != true)
        {
            return;
        }

        ClearExtras();
        IHttpRequestFeature request = Request;
        request.Method = request.Path = request.PathBase = request.QueryString = request.RawTarget = request.Protocol = "";
        request.Headers = new HeaderDictionary();
        request.Body = Stream.Null;
        TraceIdentifier = null!;
        BeginConnection();
        _badRequest = new BadHttpRequestException(RequestRejections.Description(rejection), status);
        RaiseBadRequest();
    }

    [UnconditionalSuppressMessage("ReflectionAnalysis", "IL2026", Justification = "Who subscribes casts the value to the public interface IFeatureCollection.")]
    private void RaiseBadRequest()
    {
        if (_front.Diagnostics is { } diagnostics && diagnostics.IsEnabled(BadRequestEvent))
        {
            diagnostics.Write(BadRequestEvent, this);
        }
    }
}
