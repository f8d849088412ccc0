using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Hosting.MemoryLimit;
using OneShot.AspNetCore.Http1;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Reads <see cref="OneShotOptions"/> from a configuration section, key by key.
/// </summary>
/// <remarks>
/// By hand rather than by the configuration binder: neither the reflecting binder's message ("Failed to convert") nor the
/// generated one says what to write, and the generated one takes no type of ours for a size. All bad keys are told at once.
/// </remarks>
/// <param name="section">The section, or what it is in another configuration.</param>
/// <param name="memoryLimit">What a share is of, in bytes: null for the container's memory limit.</param>
internal sealed class OneShotOptionsReader(IConfiguration section, Func<long?>? memoryLimit = null) : IConfigureOptions<OneShotOptions>
{
    /// <summary>Whether only what a process without an arena has is read.</summary>
    public bool IsForRestartAlone { get; init; }

    /// <summary>Every key that is read, below the section: <c>Capacity</c>, <c>Restart:WarnAt</c>.</summary>
    public static IReadOnlyList<string> Keys { get; } = ReadKeys();

    public void Configure(OneShotOptions options)
    {
        SectionReader reader = new(section);
        Read(reader, options);
        if (reader.Failures.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(OneShotOptions), reader.Failures);
        }
    }

    private static IReadOnlyList<string> ReadKeys()
    {
        IConfiguration nothing = new ConfigurationBuilder().Build();
        SectionReader reader = new(nothing);
        new OneShotOptionsReader(nothing).Read(reader, new OneShotOptions());
        return reader.Keys;
    }

    private void Read(SectionReader reader, OneShotOptions options)
    {
        if (!IsForRestartAlone)
        {
            ReadArena(reader, options);
        }

        options.MemoryCheck = reader.Choice(nameof(options.MemoryCheck), options.MemoryCheck);
        ReadRestart(reader, options.Restart);
        ReadHeap(reader, options.Heap);
        if (!IsForRestartAlone)
        {
            ReadHttp1(reader, options.Http1);
        }
    }

    private void ReadArena(SectionReader reader, OneShotOptions options)
    {
        options.Capacity = reader.SizeOrShare(nameof(options.Capacity), options.Capacity, memoryLimit ?? (static () => ContainerMemoryLimit.Read()));
        options.BlockSize = (int)reader.Size(nameof(options.BlockSize), options.BlockSize, int.MaxValue);
        options.Reclamation = reader.Choice(nameof(options.Reclamation), options.Reclamation);
        options.GenerationSize = reader.Size(nameof(options.GenerationSize), options.GenerationSize, long.MaxValue);
        options.ConnectionBudget = reader.Size(nameof(options.ConnectionBudget), options.ConnectionBudget, long.MaxValue);
        options.Exhaustion = reader.Choice(nameof(options.Exhaustion), options.Exhaustion);
        options.HugePages = reader.Switch(nameof(options.HugePages), options.HugePages);
        options.PreTouch = reader.Size(nameof(options.PreTouch), options.PreTouch, long.MaxValue);
        options.PopulateStep = (int)reader.Size(nameof(options.PopulateStep), options.PopulateStep, int.MaxValue);
        options.PopulateAtStart = reader.Switch(nameof(options.PopulateAtStart), options.PopulateAtStart);
        options.ExcludeFromCoreDumps = reader.Switch(nameof(options.ExcludeFromCoreDumps), options.ExcludeFromCoreDumps);
        options.Debug = reader.Switch(nameof(options.Debug), options.Debug);
    }

    private static void ReadHeap(SectionReader reader, HeapOptions heap)
    {
        const string Prefix = nameof(OneShotOptions.Heap) + ":";
        heap.Budget = reader.Size(Prefix + nameof(heap.Budget), heap.Budget, long.MaxValue);
        heap.LargeObjects = reader.Size(Prefix + nameof(heap.LargeObjects), heap.LargeObjects, long.MaxValue);
        heap.PopulateAtStart = reader.Switch(Prefix + nameof(heap.PopulateAtStart), heap.PopulateAtStart);
    }

    private static void ReadHttp1(SectionReader reader, Http1Options http1)
    {
        const string Prefix = nameof(OneShotOptions.Http1) + ":";
        http1.AllowBareLineFeed = reader.Switch(Prefix + nameof(http1.AllowBareLineFeed), http1.AllowBareLineFeed);
        http1.AllowEmptyHost = reader.Switch(Prefix + nameof(http1.AllowEmptyHost), http1.AllowEmptyHost);
        http1.AllowLengthBesideTransferEncoding = reader.Switch(Prefix + nameof(http1.AllowLengthBesideTransferEncoding), http1.AllowLengthBesideTransferEncoding);
        http1.AllowControlCharactersInValues = reader.Switch(Prefix + nameof(http1.AllowControlCharactersInValues), http1.AllowControlCharactersInValues);
        http1.KeepAliveAfterUnreadExpect = reader.Switch(Prefix + nameof(http1.KeepAliveAfterUnreadExpect), http1.KeepAliveAfterUnreadExpect);
    }

    private static void ReadRestart(SectionReader reader, RestartOptions restart)
    {
        const string Prefix = nameof(OneShotOptions.Restart) + ":";
        restart.WarnAt = reader.Share(Prefix + nameof(restart.WarnAt), restart.WarnAt);
        restart.DrainAt = reader.Share(Prefix + nameof(restart.DrainAt), restart.DrainAt);
        restart.Jitter = reader.Share(Prefix + nameof(restart.Jitter), restart.Jitter);
        restart.JitterTime = reader.Duration(Prefix + nameof(restart.JitterTime), restart.JitterTime);
        restart.LiveAt = reader.Share(Prefix + nameof(restart.LiveAt), restart.LiveAt);
        restart.SelfDrain = reader.Switch(Prefix + nameof(restart.SelfDrain), restart.SelfDrain);
        restart.Succeed = reader.Switch(Prefix + nameof(restart.Succeed), restart.Succeed);
        restart.SuccessorTimeout = reader.Duration(Prefix + nameof(restart.SuccessorTimeout), restart.SuccessorTimeout);
        restart.DrainDelay = reader.Duration(Prefix + nameof(restart.DrainDelay), restart.DrainDelay);
        restart.PeakTolerance = reader.Duration(Prefix + nameof(restart.PeakTolerance), restart.PeakTolerance);
        restart.MinLife = reader.Duration(Prefix + nameof(restart.MinLife), restart.MinLife);
        restart.ExitCode = reader.Number(Prefix + nameof(restart.ExitCode), restart.ExitCode);
        ReadMemoryLimit(reader, restart.MemoryLimit);
    }

    private static void ReadMemoryLimit(SectionReader reader, MemoryLimitOptions limits)
    {
        const string Prefix = nameof(OneShotOptions.Restart) + ":" + nameof(RestartOptions.MemoryLimit) + ":";
        limits.Container = reader.Switch(Prefix + nameof(limits.Container), limits.Container);
        limits.GcHeap = reader.Switch(Prefix + nameof(limits.GcHeap), limits.GcHeap);
        limits.WarnAt = reader.Share(Prefix + nameof(limits.WarnAt), limits.WarnAt);
        limits.DrainAt = reader.Share(Prefix + nameof(limits.DrainAt), limits.DrainAt);
        limits.LiveAt = reader.Share(Prefix + nameof(limits.LiveAt), limits.LiveAt);
    }
}
