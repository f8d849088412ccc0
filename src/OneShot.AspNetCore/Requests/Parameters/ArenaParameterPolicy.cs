using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// Selects nothing: it is the one place that routing calls with the request before its endpoint's parameters are bound, and only for routes with an endpoint that takes a
/// <see cref="RequestArena"/>. All others cost what they did.
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
            MethodInfo? method = item as MethodInfo ?? (item.GetType().FullName == ControllerAction ? MethodOf(item) : null);
            if (method is not null && method.GetParameters().Any(static parameter => parameter.ParameterType == typeof(RequestArena)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>By itself, so that MVC is loaded where there are controllers, and nowhere else.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MethodInfo MethodOf(object action) => ((ControllerActionDescriptor)action).MethodInfo;
}
