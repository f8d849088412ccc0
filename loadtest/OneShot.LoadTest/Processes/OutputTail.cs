namespace OneShot.LoadTest.Processes;

/// <summary>The last lines of an output, for the sentence that says why a process ended. Thread-safe.</summary>
internal sealed class OutputTail(int lines)
{
    private readonly Queue<string> _last = new();

    public void Add(string line)
    {
        lock (_last)
        {
            if (_last.Count == lines)
            {
                _last.Dequeue();
            }

            _last.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (_last)
        {
            return string.Join(Environment.NewLine, _last);
        }
    }
}
