using System.Globalization;
using BenchmarkDotNet.Running;
using OneShot.Benchmarks.Server;

// These are no BenchmarkDotNet runs: their sides must take turns within one process.
switch (args)
{
    case ["server"]:
        await ServerComparison.RunAsync();
        return;
    case ["server-sizes", string folder]:
        await ServerSizes.RunAsync(folder);
        return;
    case ["server-reclamation"]:
        await ServerReclamation.RunAsync();
        return;
    case ["server-loop", string kind, string row, string seconds]:
        await ServerLoop.RunAsync(Enum.Parse<ServerKind>(kind, ignoreCase: true), int.Parse(row, CultureInfo.InvariantCulture), int.Parse(seconds, CultureInfo.InvariantCulture));
        return;
    case ["server-half-heads"]:
        await HalfHeads.RunAsync();
        return;
    case ["server-idle"]:
        await IdleConnections.RunAsync();
        return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
