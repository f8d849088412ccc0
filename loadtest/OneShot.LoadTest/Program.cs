using System.CommandLine;
using OneShot.LoadTest.Compare;
using OneShot.LoadTest.Drill;
using OneShot.LoadTest.Drill.Activation;
using OneShot.LoadTest.Drill.Succession;
using OneShot.LoadTest.Gateway;
using OneShot.LoadTest.Tail;

RootCommand root = new("Load tests of OneShot: how fast it is beside stock Kestrel, and whether anybody notices its restarts.")
{
    CompareCommand.Create(),
    DrillCommand.Create(),
    ActivationCommand.Create(),
    SuccessionCommand.Create(),
    TailCommand.Create(),
    GatewayCommand.Create(),
};

// On Ctrl+C the command ends its processes itself; that takes a server's grace period at most.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
