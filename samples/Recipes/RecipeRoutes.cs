namespace Recipes;

/// <summary>The recipes by name.</summary>
public static class RecipeRoutes
{
    public static IReadOnlyList<(string Name, RequestDelegate Handler)> Plain { get; } =
    [
        ("headers", PlainRecipes.HeadersToText), ("await", PlainRecipes.HeaderAcrossAwait), ("json", PlainRecipes.JsonBody),
        ("caller", PlainRecipes.CookieQueryBearer), ("log", PlainRecipes.LogLine),
    ];

    public static IReadOnlyList<(string Name, RequestDelegate Handler)> Arena { get; } =
    [
        ("headers", ArenaRecipes.HeadersToText), ("await", ArenaRecipes.HeaderAcrossAwait), ("json", ArenaRecipes.JsonBody),
        ("caller", ArenaRecipes.CookieQueryBearer), ("log", ArenaRecipes.LogLine),
    ];

    public static void Map(IEndpointRouteBuilder app, string prefix, IReadOnlyList<(string Name, RequestDelegate Handler)> recipes)
    {
        foreach ((string name, RequestDelegate handler) in recipes)
        {
            app.Map($"{prefix}/{name}", handler);
        }
    }
}
