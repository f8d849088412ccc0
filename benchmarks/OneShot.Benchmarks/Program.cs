using System.Globalization;
using BenchmarkDotNet.Running;
using OneShot.Benchmarks.Allocator;
using OneShot.Benchmarks.Server;
using OneShot.Benchmarks.Transport;

// These are no BenchmarkDotNet runs: their sides must take turns within one process.
switch (args)
{
    case ["first-touch"]:
        FirstTouch.Run();
        return;
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
    case ["server-logging"]:
        await ServerLogging.RunAsync();
        return;
    case ["recipes"]:
        await ServerRecipes.RunAsync();
        return;
    case ["server-half-heads"]:
        await HalfHeads.RunAsync();
        return;
    case ["server-idle"]:
        await IdleConnections.RunAsync();
        return;
    case ["transport"]:
        await TransportComparison.RunAsync(rounds: 7, seconds: 3);
        return;
    case ["transport", string rounds, string length, .. string[] rows]:
        await TransportComparison.RunAsync(int.Parse(rounds, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture), rows);
        return;
    case ["transport-idle", string connections]:
        await TransportIdle.RunAsync(int.Parse(connections, CultureInfo.InvariantCulture));
        return;
    case ["transport-reclamation", string rounds, string length]:
        await TransportComparison.RunReclamationAsync(int.Parse(rounds, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture));
        return;
    case ["transport-blocking", string rounds, string length]:
        await TransportComparison.RunBlockingAsync(int.Parse(rounds, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture));
        return;
    case ["transport-server", string transport, string upstream]:
        await TransportServer.RunAsync(Enum.Parse<TransportKind>(transport), upstream);
        return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
