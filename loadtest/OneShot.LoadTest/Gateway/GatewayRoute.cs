namespace OneShot.LoadTest.Gateway;

/// <summary>A way through the gateway.</summary>
internal sealed record GatewayRoute(string Name, string Description, string Path, bool HasToken)
{
    public static IReadOnlyList<GatewayRoute> All { get; } =
    [
        new("proxied", "a token, and a backend that answers with 1 KB", "/api/orders/4711", HasToken: true),
        new("local", "a token, and an answer of the gateway itself", "/me", HasToken: true),
        new("open", "no token, and a backend that answers with 15 bytes", "/open/status", HasToken: false),
    ];
}
