using HeaderServer;
using HeaderServer.Stats;

if (args is [HealthCheckVerb.Name, .. string[] rest])
{
    return await HealthCheckVerb.RunAsync(rest, Console.Out, Console.Error);
}

try
{
    await using WebApplication app = HeaderServerApp.Create(args);
    await app.StartAsync();
    Welcome.Print(app, Console.Out);
    LifeFigures.PrintAtStart(app, Console.Out);
    await app.WaitForShutdownAsync();
    LifeFigures.PrintAtEnd(app, Console.Out);
    return Environment.ExitCode; // a self-drain may have set it
}
catch (Exception exception) when (StartFailure.Describe(exception) is { } line)
{
    Console.Error.WriteLine(line);
    return 1;
}
