using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace OneShot.AspNetCore.Http1.Exchange;

/// <summary>Where a response is in its life. In an order in which its questions are comparisons: what has not started, what has, what is closed.</summary>
internal enum ResponseState : byte
{
    /// <summary>The head has not gone out: status and fields may be set, and what is written is held back.</summary>
    Open,

    /// <summary>The application has failed before the start: the response will be an error.</summary>
    Failed,

    /// <summary>The client was gone before the start: nothing will be sent.</summary>
    Gone,

    /// <summary>The head is on its way.</summary>
    Started,

    /// <summary>The application has failed after the start: the response will be cut short.</summary>
    FailedLate,

    /// <summary>The client was gone after the start: the response will be cut short.</summary>
    GoneLate,

    /// <summary>Cut short: the client must not take what it has for whole.</summary>
    Cut,

    /// <summary>Complete.</summary>
    Ended,

    /// <summary>No request runs.</summary>
    Idle,
}

/// <summary>What happens to a response.</summary>
internal enum ResponseEvent : byte
{
    /// <summary>A request begins.</summary>
    Begin,

    /// <summary>The head goes out; from <see cref="ResponseState.Failed"/>, that of the error.</summary>
    Start,

    /// <summary>The last byte is written.</summary>
    End,

    /// <summary>The application has failed.</summary>
    Fail,

    /// <summary>The application has given up because the client is gone.</summary>
    ClientGone,

    /// <summary>It cannot be brought to its end.</summary>
    Cut,

    /// <summary>The request is over.</summary>
    Finish,
}

/// <summary>Everything that moves a response from one state to another is here. The table in docs/architecture.md is made of it.</summary>
internal static class ResponseStates
{
    /// <summary>The state after the event; null where the event cannot come.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the event is a constant wherever one happens, so a comparison or two are left
    internal static ResponseState? TryNext(ResponseState state, ResponseEvent happened) => happened switch
    {
        ResponseEvent.Begin => state is ResponseState.Idle ? ResponseState.Open : null,
        ResponseEvent.Start => state switch
        {
            ResponseState.Open or ResponseState.Failed => ResponseState.Started,
            ResponseState.Gone => ResponseState.GoneLate, // by a thread that the application has left writing
            _ => null,
        },
        ResponseEvent.End => state is ResponseState.Started or ResponseState.FailedLate or ResponseState.GoneLate ? ResponseState.Ended : null,
        ResponseEvent.Fail => state switch
        {
            ResponseState.Open => ResponseState.Failed,
            ResponseState.Started => ResponseState.FailedLate,
            _ => state,
        },
        ResponseEvent.ClientGone => state switch
        {
            ResponseState.Open or ResponseState.Failed => ResponseState.Gone,
            ResponseState.Started or ResponseState.FailedLate => ResponseState.GoneLate,
            _ => state,
        },
        ResponseEvent.Cut => state.IsClosed() ? state : ResponseState.Cut,
        ResponseEvent.Finish => ResponseState.Idle,
        _ => null,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ResponseState Next(ResponseState state, ResponseEvent happened)
    {
        ResponseState? next = TryNext(state, happened);
        Debug.Assert(next is not null, $"{happened} cannot come in {state}");
        return next ?? state;
    }

    /// <summary>Status and fields can no longer be changed.</summary>
    internal static bool HasStarted(this ResponseState state) => state >= ResponseState.Started;

    /// <summary>Nothing more can be written.</summary>
    internal static bool IsClosed(this ResponseState state) => state >= ResponseState.Cut;

    /// <summary>Nothing more can come of it.</summary>
    internal static bool IsOver(this ResponseState state) => state >= ResponseState.GoneLate || state == ResponseState.Gone;

    /// <summary>It goes as the application wants it.</summary>
    internal static bool IsUsual(this ResponseState state) => state is ResponseState.Open or ResponseState.Started;
}
