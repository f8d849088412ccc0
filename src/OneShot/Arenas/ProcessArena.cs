using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OneShot.Blocks;
using OneShot.Memory;

namespace OneShot;

/// <summary>
/// One native region with a hard cap, shared by all threads. Allocating moves a cursor forward by one atomic addition;
/// nothing allocated here directly is ever freed. <see cref="Arena"/>s take their blocks from it.
/// </summary>
/// <remarks>Thread-safe, except that <see cref="Dispose"/> must not race with allocations.</remarks>
public sealed unsafe partial class ProcessArena : IDisposable
{
    // The policy's, for the fast path.
    private readonly BumpRegion _region;
    private readonly ReclamationPolicy _policy;
    private readonly PreToucher? _toucher;
    private readonly ArenaRegistry _arenas = new();
    private OwnerCount _owners = new();

    /// <summary>Reserves address space for the whole capacity; memory is committed as it is used.</summary>
    /// <param name="options">Null for the defaults. Read once: later changes have no effect.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message says what to write instead.</exception>
    /// <exception cref="MemoryRegionException">The operating system refused the address space.</exception>
    /// <exception cref="PlatformNotSupportedException">The process is not a 64-bit one.</exception>
    public ProcessArena(ProcessArenaOptions? options = null)
    {
        options ??= new ProcessArenaOptions();
        options.Validate();
        if (!Environment.Is64BitProcess)
        {
            // The fast paths add a 32-bit size to an address; only 64-bit addresses leave room for that.
            throw new PlatformNotSupportedException("OneShot needs a 64-bit process.");
        }

        Capacity = options.Capacity;
        BlockSize = options.BlockSize;
        Reclamation = options.Reclamation;
        Exhaustion = options.Exhaustion;
        Debug = options.Debug;
        GuardPages = options.Debug && options.GuardPages;
        RegionSettings settings = RegionSettings.Of(options);
        _toucher = settings.Toucher;
        _policy = ReclamationPolicy.Create(
            options, Debug ? PageSize.Bytes : Alignment.Block, size => new BumpRegion(size, settings), _arenas.ReleaseIdleHolds);
        _region = _policy.Region;
        StandardBlock = _policy.StandardBlock(BlockSize);
        BlockCapacity = _policy.WholeBlocks(StandardBlock);
    }

    /// <summary>The hard cap, in bytes.</summary>
    public long Capacity { get; }

    /// <summary>
    /// How much of <see cref="Capacity"/> arenas can take, in bytes: whole blocks, in each generation. When
    /// that much is in use, an arena may get no other block, whatever is left. Equal to the capacity where the sizes divide it.
    /// </summary>
    public long BlockCapacity { get; }

    /// <summary>
    /// Bytes in use: handed out, or left over in blocks behind those that arenas fill. Blocks that wait for reuse do not count,
    /// nor what is still free of the block that an arena fills or keeps between two requests.
    /// </summary>
    /// <remarks>Sums up what the arenas have left: some nanoseconds for each of them, so not for every request. Of about this moment.</remarks>
    public long Used => Math.Max(0, Held - _arenas.UnusedRoom);

    /// <summary>Bytes not in use: <see cref="Capacity"/> less <see cref="Used"/>.</summary>
    public long Remaining => Capacity - Used;

    /// <summary><see cref="Used"/> as a part of <see cref="Capacity"/>, from 0 to 1.</summary>
    public double Utilization => (double)Used / Capacity;

    /// <summary>Bytes an <see cref="Arena"/> takes at a time.</summary>
    public int BlockSize { get; }

    /// <summary>What happens to an arena's memory when its request ends.</summary>
    public ArenaReclamation Reclamation { get; }

    /// <summary>What an <see cref="Arena"/> does when this arena is full.</summary>
    public ArenaExhaustion Exhaustion { get; }

    /// <summary>Whether arenas check what is done with their memory: see <see cref="ProcessArenaOptions.Debug"/>.</summary>
    public bool Debug { get; }

    /// <summary>Takes memory that is zero, aligned to 8 bytes and valid until this arena is disposed.</summary>
    /// <param name="size">Bytes, not negative. Rounded up to a multiple of 8 in <see cref="Used"/>.</param>
    /// <param name="memory">The memory, or empty.</param>
    /// <returns>False if it does not fit; nothing is used up then.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">Under <see cref="ArenaReclamation.Generational"/>, where memory has to belong to an <see cref="Arena"/>.</exception>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAllocate(int size, out Span<byte> memory)
    {
        if (size < 0)
        {
            ThrowHelper.NegativeSize(size);
        }

        long rounded = (size + 7L) & ~7L;
        BumpRegion region = _region;
        long last = region.LastStart(rounded);
        if (region.Cursor > last)
        {
            return Found(TryAllocateSlow(size), size, out memory);
        }

        long start = region.Advance(rounded);
        if (start > last)
        {
            return Found(TryComplete(start, size), size, out memory);
        }

        memory = MemoryMarshal.CreateSpan(ref *(byte*)start, size);
        return true;
    }

    /// <summary>As <see cref="TryAllocate"/>, for callers that cannot go on without.</summary>
    /// <param name="size">Bytes, not negative.</param>
    /// <exception cref="ArenaExhaustedException">It does not fit. Under <see cref="ArenaExhaustion.FailFast"/> the process ends instead.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">Under <see cref="ArenaReclamation.Generational"/>, where memory has to belong to an <see cref="Arena"/>.</exception>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Allocate(int size)
    {
        if (size < 0)
        {
            ThrowHelper.NegativeSize(size);
        }

        long rounded = (size + 7L) & ~7L;
        BumpRegion region = _region;
        long last = region.LastStart(rounded);
        if (region.Cursor > last)
        {
            return MemoryMarshal.CreateSpan(ref *AllocateSlow(size), size);
        }

        long start = region.Advance(rounded);
        if (start > last)
        {
            return MemoryMarshal.CreateSpan(ref *Complete(start, size), size);
        }

        return MemoryMarshal.CreateSpan(ref *(byte*)start, size);
    }

    /// <summary>A new arena over this one. It takes its first block when it first allocates.</summary>
    /// <exception cref="ObjectDisposedException">This arena was disposed.</exception>
    public Arena CreateArena()
    {
        if (!_owners.TryAdd())
        {
            ThrowHelper.ProcessArenaDisposed();
        }

        try
        {
            FaultInjection.Allocation();
            var arena = new Arena(this);
            _arenas.Add(arena);
            return arena;
        }
        catch
        {
            RemoveOwner();
            throw;
        }
    }

    /// <summary>
    /// Hands out nothing any more. The memory is unmapped when the last <see cref="Arena"/> over it is disposed too;
    /// spans over it must not be used after that.
    /// </summary>
    public void Dispose()
    {
        if (_owners.Close())
        {
            _policy.Close();
            RemoveOwner();
        }
    }

    /// <summary><see cref="Used"/> or more: with all that arenas hold. Cheap, except under <see cref="ArenaReclamation.Generational"/>.</summary>
    internal long Held => _policy.Held;

    /// <summary>What is true of the arena while no thread is inside it.</summary>
    [System.Diagnostics.Conditional("DEBUG")]
    internal void AssertValid()
    {
        _region.AssertValid();
        System.Diagnostics.Debug.Assert(_policy.Held >= 0 && _policy.Held <= Capacity, "The cap holds.");
        System.Diagnostics.Debug.Assert(BlockCapacity >= 0 && BlockCapacity <= Capacity);
    }

    internal void Remove(Arena arena)
    {
        _arenas.Remove(arena);
        RemoveOwner();
    }

    private void RemoveOwner()
    {
        if (_owners.Remove())
        {
            _toucher?.Dispose();
            _policy.Dispose();
        }
    }
}
