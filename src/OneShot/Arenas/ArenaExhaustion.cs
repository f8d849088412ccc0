namespace OneShot;

/// <summary>What an <see cref="Arena"/> does when its process arena is full.</summary>
public enum ArenaExhaustion
{
    /// <summary>The request goes on with blocks from the GC heap, dropped at <see cref="Arena.Reset"/> and counted in <see cref="ProcessArena.FallbackBytes"/>.</summary>
    Fallback,

    /// <summary>Allocations throw as with <see cref="Throw"/>; a server asks <see cref="Arena.TryReserve"/> first and turns the request away.</summary>
    Reject,

    /// <summary>Allocations throw <see cref="ArenaExhaustedException"/>.</summary>
    Throw,

    /// <summary>The process ends at once (<see cref="Environment.FailFast(string)"/>), leaving a crash dump where one is configured.</summary>
    FailFast,
}
