using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// Selects nothing: it is the one place that routing calls with the request before its endpoint's parameters are bound, and only for routes with an endpoint that takes a
/// <see cref="RequestArena"/> or, of a controller, an <see cref="ArenaRequest"/>. All others cost what they did.
/// </summary>
internal sealed class ArenaParameterPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    private const string ControllerAction = "Microsoft.AspNetCore.Mvc.Controllers.ControllerActionDescriptor";

    /// <summary>Behind those that select.</summary>
    public override int Order => int.MaxValue;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return ContainsDynamicEndpoints(endpoints) || endpoints.Any(TakesArena);
    }

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        httpContext.RequestServices.GetRequiredService<ArenaParameter>().Context = httpContext;
        return Task.CompletedTask;
    }

    private static bool TakesArena(Endpoint endpoint)
    {
        foreach (object item in endpoint.Metadata)
        {
            bool takes = item switch
            {
                MethodInfo handler => Takes(handler, typeof(RequestArena)), // an ArenaRequest of a handler binds by itself
                _ when item.GetType().FullName == ControllerAction => MethodOf(item) is { } action && (Takes(action, typeof(RequestArena)) || Takes(action, typeof(ArenaRequest))),
                _ => false,
            };
            if (takes)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Takes(MethodInfo method, Type type) => method.GetParameters().Any(parameter => parameter.ParameterType == type);

    /// <summary>
    /// By its name: of an assembly that references MVC, the build makes an application part of every application that uses it, and each of them loads MVC, with controllers or without.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "MVC uses the property itself, and cannot be trimmed.")]
    private static MethodInfo? MethodOf(object action) => action.GetType().GetProperty("MethodInfo")?.GetValue(action) as MethodInfo;
}
