using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OneShot.Codegen;

/// <summary>
/// Each method inlines one allocation and returns the reference it leads to, so that what stands between its prologue
/// and its epilogue is the allocation and nothing else.
/// </summary>
internal static class Probes
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref byte Arena64(Arena arena) => ref MemoryMarshal.GetReference(arena.Allocate<byte>(64));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref long ArenaThreeLongs(Arena arena) => ref MemoryMarshal.GetReference(arena.AllocateUninitialized<long>(3));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref long ArenaNew(Arena arena, long value) => ref arena.New(value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref byte ArenaVariable(Arena arena, int size) => ref MemoryMarshal.GetReference(arena.Allocate<byte>(size));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref byte Process64(ProcessArena arena) => ref MemoryMarshal.GetReference(arena.Allocate(64));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref byte ProcessTry64(ProcessArena arena)
    {
        if (arena.TryAllocate(64, out Span<byte> memory))
        {
            return ref MemoryMarshal.GetReference(memory);
        }

        return ref Unsafe.NullRef<byte>();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref byte ProcessVariable(ProcessArena arena, int size) => ref MemoryMarshal.GetReference(arena.Allocate(size));
}
