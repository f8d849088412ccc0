using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace OneShot.AspNetCore.Requests;

/// <summary>
/// Tells MVC how an <see cref="ArenaRequest"/> is bound. Standing on the type, it needs no registration, and nothing but MVC reads it: an application without
/// controllers does not load MVC for it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ArenaRequestBinderAttribute : ModelBinderAttribute
{
    public ArenaRequestBinderAttribute() : base(typeof(ArenaRequestModelBinder)) =>
        BindingSource = BindingSource.Special; // not of the client's making: no documentation of the API lists it
}
