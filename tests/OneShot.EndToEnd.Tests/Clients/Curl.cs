namespace OneShot.EndToEnd.Tests.Clients;

/// <summary>The client everybody has.</summary>
internal static class Curl
{
    /// <summary>Runs curl without proxies, progress or patience, and expects it to succeed.</summary>
    internal static async Task<string> OutputAsync(params string[] arguments) => (await RunAsync(input: null, arguments)).Succeeded().Output;

    internal static Task<ToolResult> RunAsync(byte[]? input, params string[] arguments) =>
        Tool.RunAsync("curl", ["--silent", "--show-error", "--noproxy", "*", "--max-time", "40", .. arguments], input);
}
