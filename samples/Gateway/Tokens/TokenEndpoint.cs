namespace Gateway.Tokens;

/// <summary><c>POST /token?subject=alice</c>: a token for whoever asks. There only with a development key.</summary>
internal static partial class TokenEndpoint
{
    private static readonly TimeSpan s_usual = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    public static void MapTokens(this WebApplication app)
    {
        if (app.Services.GetService<DevelopmentIssuer>() is not { } issuer)
        {
            return;
        }

        LogDevelopmentKey(app.Logger);
        app.MapPost("/token", (string subject, string? scope, TimeSpan? lifetime) =>
            lifetime > s_longest || lifetime < -s_longest
                ? Results.Problem($"lifetime is {lifetime}: a day at most.", statusCode: StatusCodes.Status400BadRequest)
                : Results.Text(issuer.Issue(subject, scope, lifetime ?? s_usual))).AllowAnonymous();
    }

    [LoggerMessage(1, LogLevel.Warning, "Tokens are signed by a key of this process, and POST /token gives one to anybody: for development only.")]
    private static partial void LogDevelopmentKey(ILogger logger);
}
