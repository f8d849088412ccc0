using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>The present response's state, for all who ask; it changes by <see cref="ResponseStates.Next"/> alone.</summary>
internal sealed class ResponseLifecycle
{
    internal ResponseState State { get; private set; } = ResponseState.Idle;

    /// <summary>Status and fields can no longer be changed.</summary>
    internal bool HasStarted => State.HasStarted();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Apply(ResponseEvent happened) => State = ResponseStates.Next(State, happened);
}
