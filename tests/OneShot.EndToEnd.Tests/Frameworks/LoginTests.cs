using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;

namespace OneShot.EndToEnd.Tests.Frameworks;

/// <summary>What lives in cookies and features from one request to the next: logins, antiforgery, sessions.</summary>
public sealed class LoginTests
{
    public static TheoryData<ServerKind> Servers => ServerKinds.Fronts;

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_login_with_antiforgery_lasts_until_the_logout(ServerKind kind) => PlayAsync(kind, async client =>
    {
        using HttpResponseMessage redirected = await client.GetAsync("/account?tab=1");
        string token = await client.GetStringAsync("/token");
        using HttpResponseMessage forged = await LoginAsync(client, "forged");
        using HttpResponseMessage loggedIn = await LoginAsync(client, token);
        string account = await client.GetStringAsync("/account");
        using HttpResponseMessage loggedOut = await client.PostAsync("/logout", null);
        using HttpResponseMessage again = await client.GetAsync("/account");

        Assert.Equal(HttpStatusCode.Found, redirected.StatusCode);
        Assert.Contains("ReturnUrl=%2Faccount%3Ftab%3D1", redirected.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.OK], [forged.StatusCode, loggedIn.StatusCode]);
        Assert.Equal("Grüße, Ada", account);
        Assert.Equal(HttpStatusCode.Found, again.StatusCode);
    });

    [Theory]
    [MemberData(nameof(Servers))]
    public Task A_session_counts_the_requests_of_its_client(ServerKind kind) => PlayAsync(kind, async client =>
    {
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal($"{i}", await client.GetStringAsync("/visits"));
        }
    });

    private static Task<HttpResponseMessage> LoginAsync(HttpClient client, string token) => client.PostAsync(
        "/login", new FormUrlEncodedContent([KeyValuePair.Create("name", "Ada"), KeyValuePair.Create("__RequestVerificationToken", token)]));

    private static Task PlayAsync(ServerKind kind, Func<HttpClient, Task> script) => new Scenario(
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.UseAntiforgery();
            app.UseSession();
            app.MapGet("/account", (ClaimsPrincipal user) => $"Grüße, {user.Identity!.Name}").RequireAuthorization();
            app.MapGet("/token", (IAntiforgery antiforgery, HttpContext context) => antiforgery.GetAndStoreTokens(context).RequestToken);
            app.MapPost("/login", ([FromForm] string name) => Results.SignIn(
                new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], CookieAuthenticationDefaults.AuthenticationScheme)),
                new AuthenticationProperties { IsPersistent = false }));
            app.MapPost("/logout", () => Results.SignOut());
            app.MapGet("/visits", (HttpContext context) =>
            {
                int visits = (context.Session.GetInt32("visits") ?? 0) + 1;
                context.Session.SetInt32("visits", visits);
                return Results.Text($"{visits}");
            });
        },
        script)
    {
        Services = builder =>
        {
            builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
            builder.Services.AddAuthorization();
            builder.Services.AddAntiforgery();
            builder.Services.AddDistributedMemoryCache();
            builder.Services.AddSession();
        },
    }.CompareAsync(kind);
}
