using System.Threading.Tasks.Sources;

namespace OneShot.Transport.Connections;

/// <summary>What an <see cref="AnswerSource{TResult}"/> has of the answer and of who awaits it.</summary>
internal enum AnswerStage
{
    /// <summary>Neither.</summary>
    Asked,

    /// <summary>Somebody awaits it.</summary>
    Awaited,

    /// <summary>It is there, and nobody awaits it yet.</summary>
    Answered,

    /// <summary>Both: who awaits it is to be run on, or has been, or has taken the answer.</summary>
    Met,
}

/// <summary>
/// The answer to a read or a flush that waits, and who awaits it. Both may come at the same time, on two threads. The framework's source has the thread pool run on
/// whoever awaits what was answered just before: behind all that stands there, and for as long as a pool that is held up has no thread.
/// Here the second of the two is told that it is, and sees to that.
/// </summary>
/// <remarks>
/// <code>
///          | TryMeet (who answers)       | OnCompleted (who awaits)              | GetStatus                | GetResult
/// Asked    | Answered, refused           | Awaited, false                        | pending                  | ! (none yet)
/// Awaited  | Met                         | ! (awaited once)                      | pending                  | ! (none yet)
/// Answered | ! (answered once)           | Met, true: to be run on by the caller | as answered              | the answer, and Met
/// Met      | ! (answered once)           | ! (awaited once)                      | pending until it is run  | the answer, once it is run
/// </code>
/// <para>Who is told that they met calls <see cref="Run()"/> once, on any thread. Marked with ! is misuse: what awaits twice meets the framework's source.</para>
/// </remarks>
internal struct AnswerSource<TResult>
{
    private ManualResetValueTaskSourceCore<TResult> _core; // not readonly: changed in place
    private TResult? _result;
    private Exception? _error;
    private int _stage;

    public readonly AnswerStage Stage => (AnswerStage)Volatile.Read(in _stage);

    public short Version => _core.Version;

    /// <summary>Another read, or flush, is about to wait.</summary>
    public void Reset()
    {
        _core.Reset();
        Volatile.Write(ref _stage, (int)AnswerStage.Asked);
    }

    /// <summary>The answer. Once, before <see cref="TryMeet"/>.</summary>
    public void Keep(TResult? result, Exception? error) => (_result, _error) = (result, error);

    /// <returns>True where somebody awaits it: the caller has <see cref="Run()"/> called. False where that is left to who comes to await it.</returns>
    public bool TryMeet()
    {
        int stage = Interlocked.CompareExchange(ref _stage, (int)AnswerStage.Answered, (int)AnswerStage.Asked);
        if (stage == (int)AnswerStage.Asked)
        {
            return false;
        }

        Volatile.Write(ref _stage, (int)AnswerStage.Met);
        return true;
    }

    /// <summary>Runs on whoever awaits it, on this thread.</summary>
    public void Run()
    {
        (TResult? result, Exception? error) = (_result, _error);
        (_result, _error) = (default, null);
        Run(result, error);
    }

    /// <summary>As <see cref="Keep"/>, <see cref="TryMeet"/> and <see cref="Run()"/>, where it is <see cref="AnswerStage.Awaited"/> already: nobody else can come.</summary>
    public void Run(TResult? result, Exception? error)
    {
        Volatile.Write(ref _stage, (int)AnswerStage.Met);
        if (error is null)
        {
            _core.SetResult(result!);
        }
        else
        {
            _core.SetException(error);
        }
    }

    /// <returns>True where the answer is there: the caller has <see cref="Run()"/> called, not on this stack.</returns>
    public bool OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _core.OnCompleted(continuation, state, token, flags);
        int stage = Interlocked.CompareExchange(ref _stage, (int)AnswerStage.Awaited, (int)AnswerStage.Asked);
        if (stage != (int)AnswerStage.Answered)
        {
            return false; // whoever answers runs it, or, where the answer was taken already, the framework does
        }

        Volatile.Write(ref _stage, (int)AnswerStage.Met);
        return true;
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        ValueTaskSourceStatus status = _core.GetStatus(token);
        return Stage != AnswerStage.Answered ? status
            : _error is null ? ValueTaskSourceStatus.Succeeded
            : _error is OperationCanceledException ? ValueTaskSourceStatus.Canceled
            : ValueTaskSourceStatus.Faulted;
    }

    public TResult GetResult(short token)
    {
        if (Stage == AnswerStage.Answered && _core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            Run(); // taken without being awaited
        }

        return _core.GetResult(token);
    }
}
