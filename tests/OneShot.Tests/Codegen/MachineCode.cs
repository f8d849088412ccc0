using System.Text.RegularExpressions;

namespace OneShot.Tests.Codegen;

/// <summary>
/// What one method executes when nothing goes wrong: from behind its prologue to before its epilogue, conditional jumps
/// not taken, unconditional ones followed (and counted). A <c>lock</c> prefix belongs to the instruction after it.
/// </summary>
internal sealed partial class MachineCode
{
    private MachineCode(IReadOnlyList<string> hotPath) => HotPath = hotPath;

    public IReadOnlyList<string> HotPath { get; }

    public IEnumerable<string> Branches => HotPath.Where(instruction => instruction.StartsWith('j'));

    public IEnumerable<string> Calls => HotPath.Where(instruction => instruction.StartsWith("call", StringComparison.Ordinal));

    public IEnumerable<string> Locked => HotPath.Where(instruction => instruction.StartsWith("lock", StringComparison.Ordinal) || instruction.StartsWith("xchg", StringComparison.Ordinal));

    /// <param name="listing">What <c>DOTNET_JitDisasm</c> wrote.</param>
    /// <param name="method">The method's name, without its class.</param>
    /// <returns>The code of the last, fully optimised compilation; null if there is none.</returns>
    public static MachineCode? Find(string listing, string method)
    {
        string? body = listing
            .Split("; Assembly listing for method ")
            .LastOrDefault(part => part.Contains($"Probes:{method}(", StringComparison.Ordinal) && part[..part.IndexOf('\n', StringComparison.Ordinal)].Contains("(Tier1)", StringComparison.Ordinal));
        return body is null ? null : new MachineCode(Walk(Groups(body)));
    }

    private static List<(string Label, List<string> Instructions)> Groups(string body)
    {
        var groups = new List<(string Label, List<string> Instructions)>();
        foreach (string line in body.Split('\n').Select(line => Spaces().Replace(line.Trim(), " ")))
        {
            if (Label().Match(line) is { Success: true } label)
            {
                groups.Add((label.Groups[1].Value, []));
            }
            else if (groups.Count > 0 && line.Length > 0 && !line.StartsWith(';'))
            {
                groups[^1].Instructions.Add(line);
            }
        }

        return groups;
    }

    private static List<string> Walk(List<(string Label, List<string> Instructions)> groups)
    {
        var path = new List<string>();
        int group = 1; // the first group is the prologue
        while (groups[group].Instructions[^1] != "ret")
        {
            int next = group + 1;
            foreach (string instruction in groups[group].Instructions)
            {
                if (path.Count > 0 && path[^1] == "lock")
                {
                    path[^1] = "lock " + instruction;
                    continue;
                }

                path.Add(instruction);
                if (instruction.StartsWith("jmp", StringComparison.Ordinal))
                {
                    next = groups.FindIndex(target => instruction.EndsWith(target.Label, StringComparison.Ordinal));
                }
            }

            Assert.True(path.Count < 1000, "The hot path does not end.");
            group = next;
        }

        return path;
    }

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
