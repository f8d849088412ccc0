namespace Gateway.Tokens;

/// <summary>
/// The settings <c>Gateway:Tokens</c>: whose signature counts. Issuer and audience are the framework's own, in <c>Authentication:Schemes:Bearer</c>, and an
/// <c>Authority</c> there is a provider whose keys are fetched.
/// </summary>
internal sealed class TokenSettings
{
    public const string DevelopmentKeyName = Section + ":" + nameof(DevelopmentKey);

    private const string Section = "Gateway:Tokens";
    private const string Scheme = "Authentication:Schemes:Bearer";
    private const string AuthorityKey = Scheme + ":Authority";

    /// <summary>Signs with a key of this process, and gives tokens to anybody. For development: in another environment, only where nobody else reaches the gateway.</summary>
    public bool DevelopmentKey { get; init; }

    /// <summary>A PEM file with the RSA key of whoever signs.</summary>
    public string? PublicKeyFile { get; init; }

    /// <summary>How far the clocks of issuer and gateway may be apart.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Issuer of development tokens, which is the one that is valid.</summary>
    public string Issuer { get; private set; } = "";

    public string Audience { get; private set; } = "";

    /// <exception cref="InvalidSettingException">There is nobody whose signature counts, or more than one.</exception>
    public static TokenSettings Read(IConfiguration configuration)
    {
        TokenSettings settings = configuration.GetSection(Section).Get<TokenSettings>() ?? new TokenSettings();
        bool hasAuthority = !string.IsNullOrEmpty(configuration[AuthorityKey]);
        int signers = (settings.DevelopmentKey ? 1 : 0) + (settings.PublicKeyFile is null ? 0 : 1) + (hasAuthority ? 1 : 0);
        if (signers != 1)
        {
            throw new InvalidSettingException(
                $"{(signers == 0 ? "nobody signs tokens" : "more than one signs tokens")}: write one of {AuthorityKey}, {Section}:{nameof(PublicKeyFile)}, or, to try it, {DevelopmentKeyName}=true.");
        }

        settings.Issuer = configuration[Scheme + ":ValidIssuer"] ?? "";
        settings.Audience = configuration[Scheme + ":ValidAudiences:0"] ?? "";
        return settings;
    }
}
