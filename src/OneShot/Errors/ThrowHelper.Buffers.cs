using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OneShot;

/// <summary>What the handles over arena memory refuse.</summary>
internal static partial class ThrowHelper
{
    [DoesNotReturn]
    public static void RewoundHandle() => throw new ObjectDisposedException(
        nameof(Arena),
        "The memory of this handle was given back: its arena was rewound to a mark taken before it, or the request it belongs to is over.");

    [DoesNotReturn]
    public static void NegativeSizeHint(int sizeHint) => throw new ArgumentOutOfRangeException(nameof(sizeHint), sizeHint, "A size hint in bytes cannot be negative; 0 asks for any room.");

    [DoesNotReturn]
    public static void AdvancedPastTheEnd(int count, int free) => throw new InvalidOperationException(
        string.Create(CultureInfo.InvariantCulture, $"Cannot advance by {count}: the buffer has room for {free}. Ask for as much by GetSpan or GetMemory first."));

    [DoesNotReturn]
    public static void BufferTooLong(long length) => throw new ArgumentOutOfRangeException(
        nameof(length),
        length,
        string.Create(CultureInfo.InvariantCulture, $"A buffer holds at most {Array.MaxLength} elements."));

    [DoesNotReturn]
    public static void NegativeCapacity(int capacity) => throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A capacity in elements cannot be negative.");

    [DoesNotReturn]
    public static void IndexOutOfRange(int index, int count) => throw new ArgumentOutOfRangeException(
        nameof(index),
        index,
        string.Create(CultureInfo.InvariantCulture, $"There are {count} elements."));

    [DoesNotReturn]
    public static void CollectionWithoutArena() => throw new InvalidOperationException(
        "This is the default value of a collection's handle, which has no arena. Use what Arena.CreateList, CreateQueue, CreateDictionary or CreateBytesDictionary returns.");

    [DoesNotReturn]
    public static void QueueEmpty() => throw new InvalidOperationException("The queue is empty. TryDequeue and TryPeek say so without an exception.");

    [DoesNotReturn]
    public static void KeyNotFound() => throw new KeyNotFoundException("The dictionary has no such key. TryGetValue says so without an exception.");

    [DoesNotReturn]
    public static void KeyExists() => throw new ArgumentException("The dictionary has this key. Set changes its value, TryAdd leaves it.", "key");

    [DoesNotReturn]
    public static void CollectionShared() => throw new InvalidOperationException("Two threads have used the collection at once. An arena, and what lies in it, is for one thread at a time.");

    [DoesNotReturn]
    public static void ChangedByItsKey() => throw new InvalidOperationException("A key has changed the dictionary while it was compared. Equals may read it, and no more.");

    [DoesNotReturn]
    public static void DestinationTooShort(int destination, int count) => throw new ArgumentException(
        string.Create(CultureInfo.InvariantCulture, $"There are {count} elements, and the destination has room for {destination}."), nameof(destination));

    [DoesNotReturn]
    public static void MemoryTooLong(int count, long bytes) => throw new ArgumentOutOfRangeException(
        nameof(count),
        count,
        string.Create(CultureInfo.InvariantCulture, $"That many elements are {bytes} bytes; a Memory<T> over an arena has at most {Array.MaxLength}."));

    [DoesNotReturn]
    public static void FormattedPastTheEnd(Type type) => throw new FormatException($"{type} says that it formatted itself into more room than it was given.");

    [DoesNotReturn]
    public static void TextOfAnotherArena() => throw new ArgumentException("This text was begun in another arena, or is the default value of its handler.", "text");

    [DoesNotReturn]
    public static void RequestOver(bool isDefault)
    {
        if (isDefault)
        {
            throw new InvalidOperationException("This is the default value of RequestArena, which has no arena. Use what the request was given.");
        }

        throw new ObjectDisposedException(nameof(RequestArena), "The request that this arena was given to is over: use it within the request only.");
    }
}
