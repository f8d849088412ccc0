using System.Globalization;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>Holds the options against their ranges when the host starts; every message says what to write instead.</summary>
internal sealed class OneShotOptionsValidator : IValidateOptions<OneShotOptions>
{
    private const long LeastBudget = 16L << 20; // four regions of the GC's heap: below that a share is no share
    private const long LargestBudget = 1L << 40;

    private static readonly TimeSpan s_shortestStart = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestDrain = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, OneShotOptions options)
    {
        List<string> failures = [];

        CheckSizes(options, failures);
        CheckChoice(nameof(options.Reclamation), options.Reclamation, failures);
        CheckChoice(nameof(options.Exhaustion), options.Exhaustion, failures);
        CheckChoice(nameof(options.MemoryCheck), options.MemoryCheck, failures);
        if (options.Restart is { } restart)
        {
            CheckLadder(restart, failures);
            CheckDrain(restart, failures);
            if (restart.MemoryLimit is { } limits)
            {
                CheckLadder(limits, failures);
            }
            else
            {
                failures.Add(Message(Key(nameof(restart.MemoryLimit)), "null", "leave it out, or set it to a new MemoryLimitOptions"));
            }
        }
        else
        {
            failures.Add(Message(nameof(options.Restart), "null", "leave it out, or set it to a new RestartOptions"));
        }

        if (options.Heap is { } heap)
        {
            CheckHeap(heap, failures);
        }
        else
        {
            failures.Add(Message(nameof(options.Heap), "null", "leave it out, or set it to a new HeapOptions"));
        }

        if (options.Http1 is null)
        {
            failures.Add(Message(nameof(options.Http1), "null", "leave it out, or set it to a new Http1Options"));
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckSizes(OneShotOptions options, List<string> failures)
    {
        // The ranges are the process arena's; a message of our own names the key to set.
        ProcessArenaOptions arena = options.ToProcessArenaOptions();
        if (!arena.IsBlockSizeValid)
        {
            failures.Add(Message(
                nameof(options.BlockSize),
                ByteSize.Format(options.BlockSize),
                $"set a multiple of {ProcessArenaOptions.BlockMultiple} bytes from {ByteSize.Format(ProcessArenaOptions.SmallestBlock)} to {ByteSize.Format(ProcessArenaOptions.LargestBlock)}, such as 16KiB"));
        }
        else if (!arena.IsCapacityValid)
        {
            failures.Add(Message(
                nameof(options.Capacity),
                ByteSize.Format(options.Capacity),
                $"set at least one block ({ByteSize.Format(options.BlockSize)}) and at most {ByteSize.Format(ProcessArenaOptions.LargestCapacity)}, such as 64MiB"));
        }
        else if (!arena.IsGenerationSizeValid)
        {
            string block = ByteSize.Format(options.BlockSize);
            string half = ByteSize.Format(options.Capacity / 2);
            failures.Add(Message(
                nameof(options.GenerationSize),
                options.GenerationSize == 0 ? $"at most half the capacity, {half}" : ByteSize.Format(arena.EffectiveGenerationSize),
                $"set from one block ({block}) to half the capacity ({half}), or a larger Capacity"));
        }

        if (options.ConnectionBudget < 0 || options.ConnectionBudget > options.Capacity)
        {
            failures.Add(Message(
                nameof(options.ConnectionBudget),
                ByteSize.Format(options.ConnectionBudget),
                $"set 0 for none, or bytes a second up to the capacity ({ByteSize.Format(options.Capacity)}), such as 256KiB"));
        }

        if (!arena.IsPreTouchValid)
        {
            failures.Add(Message(
                nameof(options.PreTouch),
                ByteSize.Format(options.PreTouch),
                $"set 0 for none, or at most {ByteSize.Format(ProcessArenaOptions.LargestPreTouch)}; 4MiB keeps up with most services"));
        }

        if (!arena.IsPopulateStepValid)
        {
            failures.Add(Message(
                nameof(options.PopulateStep),
                ByteSize.Format(options.PopulateStep),
                $"set 0 for none, or at most {ByteSize.Format(ProcessArenaOptions.LargestPopulateStep)}; 256KiB is the default"));
        }
    }

    private static void CheckHeap(HeapOptions heap, List<string> failures)
    {
        const string Prefix = nameof(OneShotOptions.Heap) + ":";
        if (heap.Budget != 0 && heap.Budget is < LeastBudget or > LargestBudget)
        {
            failures.Add(Message(
                Prefix + nameof(heap.Budget), ByteSize.Format(heap.Budget), $"set 0 for none, or from {ByteSize.Format(LeastBudget)} to {ByteSize.Format(LargestBudget)}, such as 2GiB"));
        }
        else if (heap.LargeObjects < 0 || heap.LargeObjects > heap.Budget)
        {
            failures.Add(Message(
                Prefix + nameof(heap.LargeObjects), ByteSize.Format(heap.LargeObjects), $"set 0 for an eighth of Heap:Budget, or up to {ByteSize.Format(heap.Budget)}, which is that budget"));
        }
    }

    private static void CheckChoice<T>(string key, T value, List<string> failures) where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            failures.Add(Message(key, value.ToString(), $"set {EnumNames.Of<T>()}"));
        }
    }

    private static void CheckLadder(RestartOptions restart, List<string> failures)
    {
        CheckStep(nameof(restart.WarnAt), restart.WarnAt, floor: 0, "the capacity, more than 0", failures);
        CheckStep(nameof(restart.DrainAt), restart.DrainAt, restart.WarnAt, "the capacity, at least WarnAt", failures);
        CheckStep(nameof(restart.LiveAt), restart.LiveAt, restart.DrainAt, "the capacity, at least DrainAt", failures);
    }

    private static void CheckLadder(MemoryLimitOptions limits, List<string> failures)
    {
        const string Prefix = nameof(RestartOptions.MemoryLimit) + ":";
        CheckStep(Prefix + nameof(limits.WarnAt), limits.WarnAt, floor: 0, "the limit, more than 0", failures);
        CheckStep(Prefix + nameof(limits.DrainAt), limits.DrainAt, limits.WarnAt, "the limit, at least WarnAt", failures);
        CheckStep(Prefix + nameof(limits.LiveAt), limits.LiveAt, limits.DrainAt, "the limit, at least DrainAt", failures);
    }

    private static void CheckDrain(RestartOptions restart, List<string> failures)
    {
        if (!(restart.Jitter >= 0 && restart.Jitter <= 1))
        {
            string text = restart.Jitter.ToString(CultureInfo.InvariantCulture);
            failures.Add(Message(Key(nameof(restart.Jitter)), text, "set a share of the capacity from 0 to 1, such as 0.1"));
        }

        if (restart.JitterTime < TimeSpan.Zero || restart.JitterTime > s_longestDrain)
        {
            failures.Add(Message(Key(nameof(restart.JitterTime)), restart.JitterTime.ToString(), "set from 00:00:00 to 01:00:00, such as 00:00:15"));
        }

        if (restart.DrainDelay < TimeSpan.Zero || restart.DrainDelay > s_longestDrain)
        {
            failures.Add(Message(Key(nameof(restart.DrainDelay)), restart.DrainDelay.ToString(), "set from 00:00:00 to 01:00:00, such as 00:00:10"));
        }

        if (restart.PeakTolerance < TimeSpan.Zero || restart.PeakTolerance > s_longestDrain)
        {
            failures.Add(Message(Key(nameof(restart.PeakTolerance)), restart.PeakTolerance.ToString(), "set from 00:00:00 to 01:00:00, such as 00:01:00"));
        }

        if (restart.MinLife < TimeSpan.Zero || restart.MinLife > s_longestDrain)
        {
            failures.Add(Message(Key(nameof(restart.MinLife)), restart.MinLife.ToString(), "set from 00:00:00 to 01:00:00, such as 00:10:00"));
        }

        if (restart.SuccessorTimeout < s_shortestStart || restart.SuccessorTimeout > s_longestDrain)
        {
            failures.Add(Message(Key(nameof(restart.SuccessorTimeout)), restart.SuccessorTimeout.ToString(), "set from 00:00:01 to 01:00:00, such as 00:01:00"));
        }

        if (restart.Succeed && !OperatingSystem.IsLinux())
        {
            failures.Add(Message(Key(nameof(restart.Succeed)), "true", "leave it out, since only Linux hands listening sockets to a successor as this does; SelfDrain ends the process, for whatever started it to start it again"));
        }

        if (restart.ExitCode is < 0 or > 255)
        {
            string text = restart.ExitCode.ToString(CultureInfo.InvariantCulture);
            failures.Add(Message(Key(nameof(restart.ExitCode)), text, "set from 0 to 255, which is all that a parent process gets to see"));
        }
    }

    // Written so that NaN, which compares false with everything, fails.
    private static void CheckStep(string key, double value, double floor, string atLeast, List<string> failures)
    {
        if (!(value > 0 && value >= floor && value <= 1))
        {
            string text = value.ToString(CultureInfo.InvariantCulture);
            failures.Add(Message(Key(key), text, $"set a share of {atLeast} and at most 1"));
        }
    }

    private static string Key(string restartKey) => $"{nameof(OneShotOptions.Restart)}:{restartKey}";

    private static string Message(string key, string value, string remedy) => $"{OneShotOptions.SectionName}:{key} is {value}: {remedy}.";
}
