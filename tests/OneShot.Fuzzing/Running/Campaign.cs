using OneShot.Fuzzing.Mutation;
using OneShot.Fuzzing.Targets;

namespace OneShot.Fuzzing.Running;

/// <summary>One target, attacked from one seed. Inputs that reach something new are kept, and changed further.</summary>
internal sealed class Campaign
{
    private readonly FuzzTarget _target;
    private readonly Coverage? _coverage;
    private readonly LastInput? _lastInput;
    private readonly Mutator _mutator;
    private readonly List<byte[]> _inputs;

    /// <param name="target">What is attacked.</param>
    /// <param name="seed">The same seed and the same code: the same inputs.</param>
    /// <param name="coverage">Says what is new; null when the code was not instrumented.</param>
    /// <param name="lastInput">Keeps the input at hand in case the process dies of it; null where that is not to be feared.</param>
    public Campaign(FuzzTarget target, int seed, Coverage? coverage = null, LastInput? lastInput = null)
    {
        _target = target;
        _coverage = coverage;
        _lastInput = lastInput;
        _mutator = new Mutator(seed, target.Words);
        _inputs = [[], .. target.Files("Corpus").Select(File.ReadAllBytes), .. target.Files("Regressions").Select(File.ReadAllBytes)];
    }

    /// <summary>How many inputs have been tried.</summary>
    public long Executions { get; private set; }

    /// <summary>Inputs that reached something new, the corpus included.</summary>
    public IReadOnlyList<byte[]> Inputs => _inputs;

    /// <summary>Tries the next input.</summary>
    /// <returns>What was wrong, or null.</returns>
    public Finding? Step()
    {
        // The corpus as it is comes first.
        byte[] input = Executions < _inputs.Count && _coverage is not null ? _inputs[(int)Executions] : _mutator.Next(_inputs);
        Executions++;
        _lastInput?.Keep(input);
        _coverage?.Begin();
        try
        {
            _target.Run(input);
        }
        catch (Exception exception)
        {
            return new Finding(_target, input, exception);
        }

        if (_coverage?.TakeNew() == true)
        {
            _inputs.Add(input);
        }

        return null;
    }
}
