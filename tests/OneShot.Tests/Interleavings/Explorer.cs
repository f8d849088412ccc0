namespace OneShot.Tests.Interleavings;

/// <summary>
/// Runs a few threads one step at a time, in every order that has no more preemptions than allowed, and looks for one that
/// fails. A step is what lies between two operations that other threads can see: those call <see cref="Step"/> first.
/// </summary>
/// <remarks>
/// Depth first, by replaying a prefix of decisions and taking the next alternative of the last one that has any. Memory is
/// sequentially consistent here; what is explored is the order of operations, not of loads and stores within one.
/// </remarks>
public sealed class Explorer : IDisposable
{
    private const int LongestRun = 5000;

    [ThreadStatic]
    private static Worker? s_worker;

    private readonly List<Worker> _workers = [];
    private readonly List<Decision> _decisions = [];
    private readonly SemaphoreSlim _ended = new(0);
    private readonly int _mostPreemptions;
    private int _depth;
    private int _preemptions;
    private int _steps;
    private Exception? _failure;

    private Explorer(int mostPreemptions) => _mostPreemptions = mostPreemptions;

    /// <summary>The explorer whose thread is calling.</summary>
    public static Explorer Current => s_worker!.Explorer;

    /// <summary>Explores all orders.</summary>
    /// <returns>What an order failed with; null if none did.</returns>
    public static Exception? Explore(Func<IScenario> scenario, int mostPreemptions, out int runs)
    {
        using var explorer = new Explorer(mostPreemptions);
        runs = 0;
        do
        {
            runs++;
            explorer.Run(scenario());
        }
        while (explorer._failure is null && explorer.HasNext());
        return explorer._failure;
    }

    /// <summary>Before an operation that other threads can see. Nothing outside of an exploration.</summary>
    public static void Step()
    {
        if (s_worker is { } worker)
        {
            worker.Explorer.Move(worker, mayGoOn: true);
        }
    }

    /// <summary>Waits until another thread has done something.</summary>
    public static void Spin()
    {
        Worker worker = s_worker!;
        worker.IsSpinning = true;
        worker.Explorer.Move(worker, mayGoOn: false);
    }

    /// <summary>Waits until a condition holds that another thread brings about.</summary>
    public static void WaitUntil(Func<bool> condition)
    {
        Worker worker = s_worker!;
        while (!condition())
        {
            worker.Condition = condition;
            worker.Explorer.Move(worker, mayGoOn: false);
            worker.Condition = null;
        }
    }

    /// <summary>Adds a thread, to run from here on.</summary>
    /// <returns>Whether it has ended.</returns>
    public Func<bool> Start(Action body)
    {
        var worker = new Worker(this, body);
        _workers.Add(worker);
        worker.Thread.Start();
        return () => worker.HasEnded;
    }

    public void Dispose() => _ended.Dispose();

    private void Run(IScenario scenario)
    {
        _workers.Clear();
        _depth = 0;
        _preemptions = 0;
        _steps = 0;
        foreach (Action body in scenario.Threads)
        {
            Start(body);
        }

        Next(null).Go.Release();
        _ended.Wait();
        _workers.ForEach(worker => worker.Thread.Join());
        if (_failure is null)
        {
            try
            {
                scenario.Check();
            }
            catch (Exception violation)
            {
                _failure = violation;
            }
        }
    }

    private void Move(Worker worker, bool mayGoOn)
    {
        ThrowIfOver();
        if (++_steps > LongestRun)
        {
            Fail(new InvalidOperationException("The threads do not come to an end."));
        }

        Worker? next = Next(worker, mayGoOn);
        if (next is null)
        {
            Fail(new InvalidOperationException("All threads wait for each other."));
            return;
        }

        if (next != worker)
        {
            next.Go.Release();
            worker.Go.Wait();
            ThrowIfOver();
        }
    }

    private void End(Worker worker)
    {
        worker.HasEnded = true;
        if (_failure is not null)
        {
            // The others are let go one after the other, each to end at its next step.
            if (_workers.Find(other => !other.HasEnded) is { } other)
            {
                other.Go.Release();
                return;
            }
        }
        else if (_workers.Exists(other => !other.HasEnded))
        {
            if (Next(worker, mayGoOn: false) is { } next)
            {
                next.Go.Release();
                return;
            }

            _failure = new InvalidOperationException("All threads wait for each other.");
            _workers.Find(other => !other.HasEnded)!.Go.Release();
            return;
        }

        _ended.Release();
    }

    private Worker Next(Worker? none) => Next(none, mayGoOn: false)!;

    /// <summary>The running thread comes first, so that decision 0 is never a preemption.</summary>
    private Worker? Next(Worker? running, bool mayGoOn)
    {
        List<Worker> choices = _workers.FindAll(worker => worker != running && worker.CanRun);
        if (mayGoOn && _preemptions == _mostPreemptions)
        {
            return running;
        }

        if (mayGoOn)
        {
            choices.Insert(0, running!);
        }
        else if (running is { HasEnded: false } && running.CanRun)
        {
            choices.Add(running);
        }

        if (choices.Count == 0)
        {
            return null;
        }

        if (_depth == _decisions.Count)
        {
            _decisions.Add(new Decision { Count = choices.Count });
        }

        Worker chosen = choices[_decisions[_depth++].Taken];
        _preemptions += mayGoOn && chosen != running ? 1 : 0;
        foreach (Worker other in _workers)
        {
            other.IsSpinning &= other == chosen;
        }

        return chosen;
    }

    private bool HasNext()
    {
        while (_decisions.Count > 0 && _decisions[^1].Taken + 1 == _decisions[^1].Count)
        {
            _decisions.RemoveAt(_decisions.Count - 1);
        }

        if (_decisions.Count == 0)
        {
            return false;
        }

        _decisions[^1] = _decisions[^1] with { Taken = _decisions[^1].Taken + 1 };
        return true;
    }

    private void Fail(Exception failure)
    {
        _failure ??= failure;
        throw new RunIsOverException();
    }

    private void ThrowIfOver()
    {
        if (_failure is not null)
        {
            throw new RunIsOverException();
        }
    }

    private struct Decision
    {
        public int Taken;
        public int Count;
    }

    private sealed class RunIsOverException : Exception;

    private sealed class Worker
    {
        public Worker(Explorer explorer, Action body)
        {
            Explorer = explorer;
            Thread = new Thread(() => Run(body), 256 << 10) { IsBackground = true };
        }

        public Explorer Explorer { get; }

        public Thread Thread { get; }

        public SemaphoreSlim Go { get; } = new(0);

        public bool HasEnded { get; set; }

        /// <summary>Until another thread has run.</summary>
        public bool IsSpinning { get; set; }

        public Func<bool>? Condition { get; set; }

        public bool CanRun => !HasEnded && !IsSpinning && (Condition is null || Condition());

        private void Run(Action body)
        {
            s_worker = this;
            Go.Wait();
            try
            {
                Explorer.ThrowIfOver();
                body();
            }
            catch (RunIsOverException)
            {
            }
            catch (Exception failure)
            {
                Explorer._failure ??= failure;
            }

            Explorer.End(this);
        }
    }
}

/// <summary>A few threads over fresh state, and what must hold when all have ended.</summary>
public interface IScenario
{
    /// <summary>What the threads do. An exception is a violation.</summary>
    public IReadOnlyList<Action> Threads { get; }

    /// <summary>Throws if something does not hold.</summary>
    public void Check();
}
