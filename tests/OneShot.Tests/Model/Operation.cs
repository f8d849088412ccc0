namespace OneShot.Tests.Model;

internal enum OperationKind
{
    Allocate,
    AllocateUninitialized,
    AllocateVectors,
    AllocateAligned,
    Copy,
    New,
    AllocateUnsafe,
    Resize,
    Return,
    AllocateForRequest,
    Pin,
    Unpin,
    OnReset,
    Reserve,
    Mark,
    Rewind,
    Reset,
    Dispose,
}

/// <summary>One step of a random program.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Arena">Which of the program's arenas does it.</param>
/// <param name="Size">Elements or bytes, where the operation has a size.</param>
internal readonly record struct Operation(OperationKind Kind, int Arena, int Size);
