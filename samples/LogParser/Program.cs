using System.Globalization;
using LogParser;

// A log of JSON lines, parsed twice: into objects on the GC heap, and into collections in an arena. Both answer the same questions.
if (args is not ([] or ["--megabytes", _] or ["--megabytes", _, "--runs", _]))
{
    Console.Error.WriteLine("Usage: LogParser [--megabytes N [--runs N]]");
    return 1;
}

int megabytes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 4;
int runs = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 1;
string file = Path.Combine(Path.GetTempPath(), $"oneshot-log-{Environment.ProcessId}.jsonl");
try
{
    using (FileStream log = File.Create(file))
    {
        LogGenerator.Write(log, (long)megabytes << 20);
    }

    Comparison.Run(file, megabytes, runs, Console.Out);
}
finally
{
    File.Delete(file);
}

return 0;
