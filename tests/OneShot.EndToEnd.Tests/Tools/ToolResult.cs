using System.Text;

namespace OneShot.EndToEnd.Tests.Tools;

internal sealed record ToolResult(int ExitCode, byte[] Bytes, string Error)
{
    internal string Output { get; } = Encoding.UTF8.GetString(Bytes);

    /// <summary>The result of a program that has nothing to complain of.</summary>
    internal ToolResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"Exit code {ExitCode}.\n{Error}\n{Output}");
        return this;
    }
}
