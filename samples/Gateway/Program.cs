using Gateway;
using Gateway.Backend;
using Microsoft.Extensions.Options;

try
{
    await using WebApplication app = args is [BackendApp.Verb, .. string[] rest] ? BackendApp.Create(rest) : GatewayApp.Create(args);
    await app.RunAsync();
    return Environment.ExitCode; // a self-drain may have set it
}
catch (Exception exception) when (exception is InvalidSettingException or OptionsValidationException)
{
    Console.Error.WriteLine($"Gateway cannot start: {exception.Message}");
    return 1;
}
