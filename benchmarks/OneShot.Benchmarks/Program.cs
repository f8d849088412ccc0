using BenchmarkDotNet.Running;
using OneShot.Benchmarks.Server;

// 'server' is no BenchmarkDotNet run: its two sides must take turns within one process.
if (args is ["server"])
{
    await ServerComparison.RunAsync();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
