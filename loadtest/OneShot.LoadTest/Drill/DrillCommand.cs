using System.CommandLine;
using System.Text.Json.Serialization;
using OneShot.LoadTest.Drill.Balancing;
using OneShot.LoadTest.Drill.Supervision;
using OneShot.LoadTest.Report;
using OneShot.LoadTest.Servers;
using Spectre.Console;

namespace OneShot.LoadTest.Drill;

/// <summary><c>drill</c>: its options, and what is done with the result.</summary>
internal static class DrillCommand
{
    private static readonly Option<DrillMode> s_mode = new("--mode", "-m") { Description = "Who restarts a replica. Kubernetes: the manifests' numbers, kubelet's probes and back-off; the replica ends by itself. Liveness: the same without SelfDrain, so that the liveness probe ends it. Compose: the replica drains and ends by itself, Docker starts it again.", DefaultValueFactory = _ => DrillMode.Kubernetes };
    private static readonly Option<int> s_replicas = new Option<int>("--replicas", "-r") { Description = "Processes behind the balancer. While one restarts, the others fill faster: few of them with short lives draw level.", DefaultValueFactory = _ => 5 }.Within(1, 64);
    private static readonly Option<int> s_restarts = new Option<int>("--restarts", "-n") { Description = "The drill is over after that many.", DefaultValueFactory = _ => 20 }.Within(1, 100_000);
    private static readonly Option<int> s_limit = new Option<int>("--limit") { Description = "Or after that many seconds, and has failed then.", DefaultValueFactory = _ => 600, HelpName = "seconds" }.Within(1, 1_000_000);
    private static readonly Option<string> s_capacity = new("--capacity") { Description = "The process arena's cap of each replica. Small, so that it fills in seconds.", DefaultValueFactory = _ => "8MiB" };
    private static readonly Option<int> s_rate = new Option<int>("--rate") { Description = "Requests a second, over all replicas.", DefaultValueFactory = _ => 1_000 }.Within(1, 1_000_000);
    private static readonly Option<int> s_clients = new Option<int>("--clients", "-c") { Description = "Clients that send them, one request at a time each.", DefaultValueFactory = _ => 32 }.Within(1, 10_000);
    private static readonly Option<int> s_scale = new Option<int>("--time-scale") { Description = "Seconds of the orchestrator in one of the drill. A replica must live for more than 600 s of the orchestrator's (10 s at 60), or it ends in back-off, as in a cluster.", DefaultValueFactory = _ => 60 }.Within(1, 10_000);
    private static readonly Option<bool> s_inStep = new("--in-step") { Description = "All replicas begin empty and fill in step: only jitter keeps their restarts apart. By default they are of different ages, as a rolling update leaves them." };
    private static readonly Option<bool> s_attack = new("--attack") { Description = "Each arena is filled by an attacker within seconds. The drill runs for --limit seconds from then on, and has failed if a replica was restarted or left the rotation." };
    private static readonly Option<string?> s_heapBudget = new("--heap-budget") { Description = "What each replica allocates on the GC's heap before it is due, without a collection; give it an arena that does not fill first (--capacity).", HelpName = "size" };
    private static readonly Option<int> s_garbage = new Option<int>("--garbage") { Description = "With --heap-budget: bytes that each request leaves on the GC's heap.", DefaultValueFactory = _ => 10_000, HelpName = "bytes" }.Within(0, 80_000);
    private static readonly Option<string?> s_haProxy = SharedOptions.HaProxy;
    private static readonly Option<int> s_leak = new Option<int>("--leak") { Description = "Bytes that each request leaves on the heap of its replica for ever. Each replica runs in a control group with a limit (--memory-limit) and restarts before the kernel kills it; takes root. Arenas give memory back then (PerRequest).", HelpName = "bytes" }.Within(0, 1 << 20);
    private static readonly Option<int> s_memoryLimit = new Option<int>("--memory-limit") { Description = "With --leak: of each replica's control group, in MiB.", DefaultValueFactory = _ => 160, HelpName = "MiB" }.Within(64, 1 << 20);

    public static Command Create()
    {
        Command command = new("drill", "Lets replicas fill their arenas and be restarted under load, behind HAProxy, and counts the requests that notice. Any failed one is exit code 1.")
        {
            s_mode, s_replicas, s_restarts, s_limit, s_capacity, s_rate, s_clients, s_scale, s_inStep, s_attack, s_heapBudget, s_garbage, s_leak, s_memoryLimit, s_haProxy, SharedOptions.Server, SharedOptions.Json,
        };
        command.SetAction((parsed, cancellationToken) =>
            CommandRun.RunAsync(() => RunAsync(parsed, AnsiConsole.Console, cancellationToken), Console.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, IAnsiConsole console, CancellationToken cancellationToken)
    {
        DrillOptions options = new(
            parsed.GetValue(s_mode),
            parsed.GetValue(s_replicas),
            parsed.GetValue(s_restarts),
            TimeSpan.FromSeconds(parsed.GetValue(s_limit)),
            parsed.GetValue(s_capacity)!,
            parsed.GetValue(s_rate),
            parsed.GetValue(s_clients),
            parsed.GetValue(s_scale),
            parsed.GetValue(s_inStep),
            parsed.GetValue(s_heapBudget),
            parsed.GetValue(s_garbage))
        {
            IsAttacked = parsed.GetValue(s_attack),
            Leak = parsed.GetValue(s_leak),
            MemoryLimit = (long)parsed.GetValue(s_memoryLimit) << 20,
        };
        string haProxy = HaProxy.Find(parsed.GetValue(s_haProxy));
        SampleLocation location = SampleLocation.Find(parsed.GetValue(SharedOptions.Server));

        DrillResult result = await ProgressDisplay.RunAsync(
            console, progress => new RestartDrill(options, location, haProxy) { Progress = progress }.RunAsync(cancellationToken));

        DrillTable.Write(console, result);
        SharedOptions.WriteJson(parsed, result);

        return result.Verdict is { } verdict
            ? throw new LoadTestException($"The drill has failed: {verdict}.", ExitCode.Failed)
            : ExitCode.Success;
    }
}

/// <summary>What <c>drill</c> was asked to do.</summary>
/// <param name="Restarts">The drill is over after that many.</param>
/// <param name="Limit">Or after that long, and has failed then.</param>
/// <param name="HeapBudget">Of each replica, as <c>OneShot:Heap:Budget</c>: what it allocates before it is due. Null for none.</param>
/// <param name="Garbage">With a heap budget, bytes that a request of the sample leaves on the GC's heap.</param>
/// <param name="InStep">All replicas begin with an empty arena, so that only jitter keeps their restarts apart.</param>
internal sealed record DrillOptions(
    DrillMode Mode, int Replicas, int Restarts, TimeSpan Limit, string Capacity, double RequestsPerSecond, int Clients, double TimeScale, bool InStep,
    string? HeapBudget = null, int Garbage = 0)
{
    /// <summary>Replicas are attacked, which must not restart them: the drill is over <see cref="Limit"/> after all arenas are full.</summary>
    public bool IsAttacked { get; init; }

    /// <summary>Bytes that a request leaves on the heap for ever; 0 for none. Then each replica has a control group of its own.</summary>
    public int Leak { get; init; }

    /// <summary>Of each control group, in bytes.</summary>
    public long MemoryLimit { get; init; } = 160L << 20;

    /// <summary>The default, scaled like kubelet's 10 minutes; Docker forgives after 10 s. An attack is over before it is.</summary>
    public TimeSpan MinLife => IsAttacked ? s_minLife : Mode == DrillMode.Compose ? TimeSpan.FromSeconds(10) : Scale.Of(s_minLife);

    private static readonly TimeSpan s_minLife = TimeSpan.FromMinutes(10);

    [JsonIgnore]
    public TimeScale Scale => new(TimeScale);

    /// <summary>The manifest's, scaled; but three seconds at least, because the balancer's checks take real time, and a busy machine its own.</summary>
    public TimeSpan DrainDelay => Scale.Of(PodManifest.Operators.DrainDelay, TimeSpan.FromSeconds(3));

    /// <summary>The balancer's: as often as the manifest's readiness probe, or every second before Compose, scaled. Twice that must be well under <see cref="DrainDelay"/>.</summary>
    public TimeSpan CheckInterval => Scale.Of(Mode == DrillMode.Compose ? TimeSpan.FromSeconds(1) : PodManifest.Operators.Readiness.Period, TimeSpan.FromMilliseconds(100));

    public bool SelfDrain => Mode switch
    {
        DrillMode.Kubernetes => PodManifest.Operators.SelfDrain,
        DrillMode.Liveness => false,
        _ => true,
    };

    [JsonIgnore]
    public SupervisionRules Rules => Mode == DrillMode.Compose ? SupervisionRules.Compose : SupervisionRules.Kubernetes(PodManifest.Operators, Scale);
}

/// <summary>Who restarts a replica.</summary>
internal enum DrillMode
{
    /// <summary>kubelet, by the manifests: the replica ends by itself (self-drain), is started again after the back-off, and probed for hangs.</summary>
    Kubernetes,

    /// <summary>The same without self-drain: liveness fails, then preStop and SIGTERM.</summary>
    Liveness,

    /// <summary>The replica itself, by ending (self-drain); Docker starts again what has ended.</summary>
    Compose,
}

/// <summary>
/// How many seconds of an orchestrator pass in one of the drill. Its own clocks are scaled: probe periods, back-off. What belongs
/// to the process is not: starting and stopping take what they take.
/// </summary>
internal readonly record struct TimeScale(double Factor)
{
    /// <param name="time">As the orchestrator has it.</param>
    /// <param name="least">Never shorter than that: a machine has only so fine a grain.</param>
    public TimeSpan Of(TimeSpan time, TimeSpan least = default)
    {
        TimeSpan scaled = time / Factor;
        return scaled > least ? scaled : least;
    }
}
