using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ModelBinding.Validation;

namespace OneShot.AspNetCore.Requests;

/// <summary>Binds an <see cref="ArenaRequest"/> of a controller's action.</summary>
internal sealed class ArenaRequestModelBinder : IModelBinder
{
    public Task BindModelAsync(ModelBindingContext bindingContext)
    {
        ArenaRequest request = new(bindingContext.HttpContext);
        bindingContext.ValidationState[request] = new ValidationStateEntry { SuppressValidation = true };
        bindingContext.Result = ModelBindingResult.Success(request);
        return Task.CompletedTask;
    }
}
