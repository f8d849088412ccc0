using System.Diagnostics;
using System.Globalization;
using OneShot.Fuzzing.Running;
using OneShot.Fuzzing.Targets;
using SharpFuzz;

string usage = $"""
    OneShot.Fuzzing instrument FOLDER                       a copy of this program that tells which branches it takes
    OneShot.Fuzzing TARGET [--seconds N] [--seed N] [--out FOLDER]   attacks TARGET in this process; findings go to FOLDER
    OneShot.Fuzzing TARGET --replay FILE...                 runs the files, one after the other
    OneShot.Fuzzing TARGET --afl                            under afl-fuzz
    OneShot.Fuzzing TARGET --libfuzzer                      under libfuzzer-dotnet
    TARGET: {string.Join(", ", FuzzTarget.All.Select(one => one.Name))}
    """;

if (args is ["instrument", string copy])
{
    Console.WriteLine(Instrumentation.CopyTo(copy));
    return 0;
}

if (args.Length == 0 || FuzzTarget.All.FirstOrDefault(one => one.Name == args[0]) is not { } target)
{
    Console.Error.WriteLine(usage);
    return 2;
}

AssertionsThrow.Install();
switch (args[1..])
{
    case ["--afl"]:
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            target.Run(input.GetBuffer().AsSpan(0, (int)Math.Min(input.Length, FuzzTarget.LongestInput)));
        });
        return 0;

    case ["--libfuzzer"]:
        Fuzzer.LibFuzzer.Run(bytes => target.Run(bytes[..Math.Min(bytes.Length, FuzzTarget.LongestInput)]));
        return 0;

    case ["--replay", .. string[] files]:
        foreach (string file in files)
        {
            Console.WriteLine(file);
            target.Run(File.ReadAllBytes(file));
        }

        return 0;

    case var options:
        int seconds = int.Parse(Option(options, "--seconds") ?? "60", CultureInfo.InvariantCulture);
        int seed = int.Parse(Option(options, "--seed") ?? "1", CultureInfo.InvariantCulture);
        return Attack(target, seconds, seed, Option(options, "--out") ?? "findings");
}

static string? Option(string[] options, string name) => options.SkipWhile(option => option != name).Skip(1).FirstOrDefault();

static int Attack(FuzzTarget target, int seconds, int seed, string folder)
{
    const int MostFindings = 20;
    Directory.CreateDirectory(folder);
    string lastInput = Path.Combine(folder, $"{target.Name}-last-input");
    if (LastInput.Read(lastInput) is { } died)
    {
        Console.WriteLine(new Finding(target, died, new Violation("An earlier run died of this; replay it, then delete the file " + lastInput)));
        File.WriteAllBytes(Path.Combine(folder, $"{target.Name}-died"), died);
    }

    Coverage? coverage = Coverage.TryCreate();
    var findings = new HashSet<string>();
    var watch = Stopwatch.StartNew();
    Campaign campaign;
    using (var last = new LastInput(lastInput))
    {
        campaign = new Campaign(target, seed, coverage, last);
        while (watch.Elapsed.TotalSeconds < seconds && findings.Count < MostFindings)
        {
            if (campaign.Step() is { } finding && findings.Add(finding.Exception.Message))
            {
                Console.WriteLine(finding);
                File.WriteAllBytes(Path.Combine(folder, $"{target.Name}-{finding.FileName}"), finding.Input);
            }
        }
    }

    File.Delete(lastInput);
    string reached = coverage is null ? "not instrumented" : $"{coverage.Branches} branches, {campaign.Inputs.Count} inputs kept";
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{target.Name}: {campaign.Executions} executions in {watch.Elapsed.TotalSeconds:F0} s ({campaign.Executions / watch.Elapsed.TotalSeconds:F0}/s), {findings.Count} findings, {reached}"));
    return findings.Count == 0 ? 0 : 1;
}
