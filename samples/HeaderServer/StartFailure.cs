using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OneShot;

namespace HeaderServer;

/// <summary>What keeps the server from starting through no fault of its code, told in one line instead of a stack trace.</summary>
internal static class StartFailure
{
    private const string KestrelAssembly = "Microsoft.AspNetCore.Server.Kestrel.Core";

    /// <returns>The line for standard error, or null for a failure that deserves its stack trace.</returns>
    public static string? Describe(Exception exception) => exception switch
    {
        InvalidSettingException or MemoryRegionException => Line(exception.Message),
        InvalidDataException { InnerException: { } cause } => Line($"{exception.Message} {cause.Message}"),
        OptionsValidationException options => Line(string.Join(" ", options.Failures)),
        IOException { InnerException: AddressInUseException } => Line($"{exception.Message} Choose another with --urls http://localhost:PORT."),
        SocketException or FormatException or ArgumentOutOfRangeException { ParamName: "port" } => Line($"{exception.Message.TrimEnd('.')}. Check --urls and Kestrel:Endpoints."),
        InvalidOperationException when exception.Source == KestrelAssembly => Line(exception.Message),
        _ => null,
    };

    private static string Line(string message) => $"HeaderServer cannot start: {message.ReplaceLineEndings(" ")}";
}
