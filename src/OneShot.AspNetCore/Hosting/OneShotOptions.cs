using OneShot.AspNetCore.Http1;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Everything that can be set about the arenas of a web application; in configuration, the section <c>OneShot</c>.
/// </summary>
/// <remarks>
/// Read once, when the host starts; <see cref="Restart"/> again whenever the configuration is reloaded. A value out of its range
/// stops the start with a message that says what to write instead, and is passed over by a reload with the same message. In configuration a size is a number of bytes or a whole number of <c>KiB</c>, <c>MiB</c> or <c>GiB</c>: <c>64MiB</c>.
/// </remarks>
public sealed class OneShotOptions
{
    /// <summary>The name of the configuration section: <c>OneShot</c>.</summary>
    public const string SectionName = "OneShot";

    private static readonly ProcessArenaOptions s_defaults = new();

    /// <summary>
    /// Bytes of native memory all requests of this process share: the hard cap. At least one <see cref="BlockSize"/>.
    /// Address space is reserved at start, memory is committed as it is touched. Default 64 MiB. In configuration it may be a share
    /// of the container's memory limit, rounded down to whole MiB: <c>50%</c>.
    /// </summary>
    public long Capacity { get; set; } = s_defaults.Capacity;

    /// <summary>
    /// Bytes a request takes from the process arena at a time. Larger blocks mean fewer trips to the shared cursor and
    /// more unused memory per request in flight. Default 16 KiB.
    /// </summary>
    public int BlockSize { get; set; } = s_defaults.BlockSize;

    /// <summary>
    /// When memory comes back. <see cref="ArenaReclamation.PerRequest"/> (the default) clears and reuses the blocks of a request
    /// when it ends. <see cref="ArenaReclamation.Never"/> never uses a byte twice, so a span that outlives its request reads old bytes
    /// and never those of another request, and the process restarts when it is full: something must restart it.
    /// <see cref="ArenaReclamation.Generational"/> gives memory back a generation at a time.
    /// </summary>
    public ArenaReclamation Reclamation { get; set; } = ArenaReclamation.PerRequest;

    /// <summary>
    /// Bytes of a generation under <see cref="ArenaReclamation.Generational"/>: from one block to half the capacity, or 0,
    /// the default, for a sixteenth of the capacity, at least four blocks. Not used otherwise.
    /// </summary>
    public long GenerationSize { get; set; } = s_defaults.GenerationSize;

    /// <summary>
    /// Under <see cref="ArenaReclamation.Never"/>: bytes a second that the requests of one HTTP/1.1 connection may take, saved up for ten seconds, or
    /// 0, the default, for any number. A request beyond it is served as ever, of memory that comes back (<see cref="ArenaReclamation.PerRequest"/>),
    /// which is a sixteenth of <see cref="Capacity"/> on top: who fills memory for sport over one connection brings no restart nearer. A new connection begins with a
    /// second's worth, so how often one client may connect is for the proxy in front to limit. On the front only. Not used otherwise.
    /// </summary>
    public long ConnectionBudget { get; set; }

    /// <summary>
    /// What a request gets when the process arena is full. Default <see cref="ArenaExhaustion.Fallback"/>: pinned memory of
    /// the GC, counted. <see cref="ArenaExhaustion.Reject"/> answers 503 with <c>Retry-After</c>.
    /// </summary>
    public ArenaExhaustion Exhaustion { get; set; } = s_defaults.Exhaustion;

    /// <summary>Whether to ask the kernel for huge pages (Linux): fewer page faults, memory committed 2 MiB at a time. Default false.</summary>
    public bool HugePages { get; set; } = s_defaults.HugePages;

    /// <summary>
    /// Bytes ahead of the cursor that a background thread keeps faulted in, so that no request pays for it: up to 1 GiB, or 0,
    /// the default, for none.
    /// </summary>
    public long PreTouch { get; set; } = s_defaults.PreTouch;

    /// <summary>
    /// Bytes that whoever takes fresh memory has the kernel fault in at once (Linux): one system call instead of a page fault for every
    /// 4 KiB. Up to 2 MiB, or 0 for none; default 256 KiB, and a huge page with <see cref="HugePages"/>. Without effect beside <see cref="PreTouch"/>.
    /// </summary>
    public int PopulateStep { get; set; } = s_defaults.PopulateStep;

    /// <summary>
    /// Whether all of <see cref="Capacity"/> is faulted in at the start, so that no request pays for it: it is resident from then on. With
    /// <see cref="HugePages"/> 0.06 s per GiB, and up to 2 s on a virtual machine that never had the memory. Default false.
    /// </summary>
    public bool PopulateAtStart { get; set; } = s_defaults.PopulateAtStart;

    /// <summary>
    /// Whether core dumps leave the arenas' memory out (Linux), so that no bearer token is in a dump. Default true.
    /// </summary>
    public bool ExcludeFromCoreDumps { get; set; } = s_defaults.ExcludeFromCoreDumps;

    /// <summary>
    /// For finding a bug, not for production: a span that outlives its request faults instead of reading old bytes, overruns
    /// are found at the request's end, and two threads in one arena are told. Every allocation is slow. Default false.
    /// </summary>
    public bool Debug { get; set; } = s_defaults.Debug;

    /// <summary>
    /// What to do at start when the container's memory limit (cgroup v1 or v2) leaves too little room for <see cref="Capacity"/>
    /// beside the heap of the GC, which does not know of it. Default <see cref="MemoryCheck.Warn"/>.
    /// </summary>
    public MemoryCheck MemoryCheck { get; set; } = MemoryCheck.Warn;

    /// <summary>The utilizations at which health checks warn, stop new traffic and ask for a restart, and what else happens then.</summary>
    public RestartOptions Restart { get; set; } = new();

    /// <summary>How much the process allocates on the GC's heap without a collection; nothing of the kind by default.</summary>
    public HeapOptions Heap { get; set; } = new();

    /// <summary>What the HTTP/1.1 front accepts beyond its own rules, for clients that cannot be changed.</summary>
    public Http1Options Http1 { get; set; } = new();

    /// <summary>Bytes for requests over their connections' budget: whole blocks, a few of them at least; 0 without a budget.</summary>
    internal long OverBudgetCapacity => Reclamation == ArenaReclamation.Never && ConnectionBudget > 0
        ? Math.Min(Capacity, Math.Max(Capacity / 16, 16L * BlockSize))
        : 0;

    /// <summary>Those of the small arena for requests over their connections' budget; null without one.</summary>
    internal ProcessArenaOptions? ToOverBudgetOptions()
    {
        if (OverBudgetCapacity == 0)
        {
            return null;
        }

        ProcessArenaOptions own = ToProcessArenaOptions();
        own.Capacity = OverBudgetCapacity;
        own.Reclamation = ArenaReclamation.PerRequest;
        (own.PreTouch, own.PopulateAtStart, own.HugePages) = (0, false, false);
        if (own.Exhaustion == ArenaExhaustion.FailFast)
        {
            own.Exhaustion = ArenaExhaustion.Reject; // whom the ladder does not see coming must not end the process
        }

        return own;
    }

    internal ProcessArenaOptions ToProcessArenaOptions() => new()
    {
        Capacity = Capacity,
        BlockSize = BlockSize,
        Reclamation = Reclamation,
        GenerationSize = GenerationSize,
        Exhaustion = Exhaustion,
        HugePages = HugePages,
        PreTouch = PreTouch,
        PopulateStep = PopulateStep,
        PopulateAtStart = PopulateAtStart,
        ExcludeFromCoreDumps = ExcludeFromCoreDumps,
        Debug = Debug,
    };
}
