using System.IO.Pipelines;

namespace OneShot.AspNetCore.Http1.Endpoints;

/// <summary>
/// A connection's pipe, passed on as it is until Kestrel's HTTP makes its first read. That read runs the front over the pipe, and
/// is the end of the input for Kestrel, which sees a connection on which no request came.
/// </summary>
/// <param name="inner">The pipe.</param>
/// <param name="serve">Serves the connection over it; false when it is Kestrel's.</param>
internal sealed class HandoverPipe(IDuplexPipe inner, Func<IDuplexPipe, ValueTask<bool>> serve) : PipeReader, IDuplexPipe
{
    private readonly PipeReader _input = inner.Input;
    private State _state;
    private Action? _startClocks;

    private enum State
    {
        /// <summary>Nobody has read from it.</summary>
        Untouched,

        /// <summary>Kestrel's HTTP has it, and reads next.</summary>
        AwaitsRead,

        /// <summary>The front has it, or had it; for Kestrel it is at its end.</summary>
        Served,

        /// <summary>Reads go through.</summary>
        PassedOn,
    }

    internal IDuplexPipe Inner => inner;

    public PipeReader Input => this;

    public PipeWriter Output => inner.Output;

    internal bool IsUntouchedOver(IDuplexPipe transport) => _state == State.Untouched && ReferenceEquals(inner, transport);

    /// <summary>Kestrel's HTTP has the connection. False when somebody has read from this pipe: then it is not Kestrel's.</summary>
    /// <param name="startClocks">Run when the connection is left to Kestrel.</param>
    internal bool TryAwaitRead(Action startClocks)
    {
        if (_state != State.Untouched)
        {
            return false;
        }

        _state = State.AwaitsRead;
        _startClocks = startClocks;
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        switch (_state)
        {
            case State.AwaitsRead:
                return HandOverAsync(cancellationToken);
            case State.Served:
                return new ValueTask<ReadResult>(End);
            default:
                _state = State.PassedOn;
                return _input.ReadAsync(cancellationToken);
        }
    }

    /// <summary>Kestrel's HTTP does not begin with it, so it starts no front.</summary>
    public override bool TryRead(out ReadResult result)
    {
        if (_state == State.Served)
        {
            result = End;
            return true;
        }

        PassOn();
        return _input.TryRead(out result);
    }

    /// <summary>
    /// Kestrel would end a connection on which no request came; one that the front serves has the front's clocks. Before Kestrel's first read there is none to
    /// cancel, and the front, which makes it, hears of a stop by itself.
    /// </summary>
    public override void CancelPendingRead()
    {
        if (_state is not (State.Served or State.AwaitsRead))
        {
            _input.CancelPendingRead();
        }
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
        if (_state != State.Served)
        {
            _input.AdvanceTo(consumed);
        }
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_state != State.Served)
        {
            _input.AdvanceTo(consumed, examined);
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (_state != State.Served)
        {
            _input.Complete(exception);
        }
    }

    public override ValueTask CompleteAsync(Exception? exception = null) =>
        _state == State.Served ? default : _input.CompleteAsync(exception);

    private static ReadResult End => new(default, isCanceled: false, isCompleted: true);

    private async ValueTask<ReadResult> HandOverAsync(CancellationToken cancellationToken)
    {
        _state = State.Served;
        if (await serve(inner))
        {
            return End;
        }

        _state = State.AwaitsRead;
        PassOn();
        return await _input.ReadAsync(cancellationToken);
    }

    private void PassOn()
    {
        if (_state == State.AwaitsRead)
        {
            _startClocks!();
        }

        _state = State.PassedOn;
    }
}
