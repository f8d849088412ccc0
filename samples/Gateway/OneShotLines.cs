namespace Gateway;

/// <summary>Which lines of OneShot the gateway has, by its settings <c>Gateway:OneShot</c>: so that it can be compared with itself. A service of its own writes the lines.</summary>
internal sealed class OneShotLines
{
    private const string Section = "Gateway:OneShot";

    /// <summary>HTTP/1.1 heads are parsed into the request's arena.</summary>
    public bool Front { get; init; } = true;

    /// <summary>Tokens that were found valid pass without being validated again.</summary>
    public bool TokenCache { get; init; } = true;

    /// <summary>OneShot's transport serves TCP; on Linux.</summary>
    public bool Transport { get; init; } = true;

    /// <summary>Event loops of that transport; 0 is one for two processors.</summary>
    public int Loops { get; init; }

    /// <summary>Both use it, and the transport does not.</summary>
    public bool Arena => Front || TokenCache;

    public static OneShotLines Read(IConfiguration configuration) => configuration.GetSection(Section).Get<OneShotLines>() ?? new OneShotLines();
}
