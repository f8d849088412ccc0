using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OneShot;

/// <summary>Throws out of line, so that the methods that may throw stay small enough to inline.</summary>
internal static partial class ThrowHelper
{
    [DoesNotReturn]
    public static void NegativeSize(int size) => throw new ArgumentOutOfRangeException(nameof(size), size, "A size in bytes cannot be negative.");

    [DoesNotReturn]
    public static void NegativeCount(int count) => throw new ArgumentOutOfRangeException(nameof(count), count, "A count of elements cannot be negative.");

    [DoesNotReturn]
    public static void ArenaDisposed() => throw new ObjectDisposedException(nameof(Arena), "This arena was disposed; create another from its process arena.");

    [DoesNotReturn]
    public static void ArenaParked(string? owner) => throw new ObjectDisposedException(
        nameof(Arena),
        $"The request that this arena served ({owner ?? "no owner known"}) is over, and the arena waits for its next one. Nothing of an arena may be kept beyond its request.");

    [DoesNotReturn]
    public static void ArenaAbandoned() => throw new ObjectDisposedException(
        nameof(Arena),
        "This arena was given up, and its memory with it: its cursor was found outside of its block, as happens when two threads use one arena at the same time, or there was no memory left to end its request. Create another arena.");

    [DoesNotReturn]
    public static void EndedByCallback() => throw new InvalidOperationException(
        "A callback of OnReset cannot end the request: it runs because the request, or a mark in it, is just being ended.");

    [DoesNotReturn]
    public static void RewoundByCallback() => throw new InvalidOperationException(
        "A callback of OnReset cannot rewind a mark around the one whose rewinding it is part of.");

    [DoesNotReturn]
    public static void ProcessArenaDisposed() => throw new ObjectDisposedException(nameof(ProcessArena), "The process arena was disposed; it hands out no more memory.");

    [DoesNotReturn]
    public static void NoDirectAllocation() => throw new InvalidOperationException(
        "Under ArenaReclamation.Generational memory has to belong to an arena, which says when it is not used any more: use CreateArena.");

    [DoesNotReturn]
    public static void StaleHandle(long epoch, long current) => throw new ObjectDisposedException(
        nameof(Arena),
        string.Create(CultureInfo.InvariantCulture, $"This handle belongs to request {epoch} of its arena, which has moved on to {current}: its memory is no longer the handle's."));

    [DoesNotReturn]
    public static void BadAlignment(int alignment) => throw new ArgumentOutOfRangeException(
        nameof(alignment),
        alignment,
        string.Create(CultureInfo.InvariantCulture, $"An alignment must be a power of two from 1 to the page size ({Memory.PageSize.Bytes})."));

    [DoesNotReturn]
    public static void SliceOutOfRange(int start, int length, int available) => throw new ArgumentOutOfRangeException(
        nameof(start),
        string.Create(CultureInfo.InvariantCulture, $"A slice of {length} elements from {start} does not lie within {available} elements."));
}
