using Recipes;

// Both ways of each recipe: GET /plain/headers and GET /arena/headers, and so on. docs/recipes.md has them side by side.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddOneShotArena();
builder.WebHost.UseOneShotHttp1();
WebApplication app = builder.Build();
RecipeRoutes.Map(app, "/plain", RecipeRoutes.Plain);
RecipeRoutes.Map(app, "/arena", RecipeRoutes.Arena);
app.Run();
