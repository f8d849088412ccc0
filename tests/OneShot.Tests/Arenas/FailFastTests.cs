using System.Diagnostics;
using OneShot.Tests.Codegen;

namespace OneShot.Tests.Arenas;

public class FailFastTests
{
    [Theory]
    [InlineData("fail-fast-arena")]
    [InlineData("fail-fast-process")]
    public void Exhaustion_ends_the_process_and_says_why(string mode)
    {
        var start = new ProcessStartInfo(Listing.Program, mode) { RedirectStandardError = true };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process child = Process.Start(start)!;
        string error = child.StandardError.ReadToEnd();
        child.WaitForExit();
        Assert.NotEqual(0, child.ExitCode);
        Assert.Contains("The process arena cannot give", error, StringComparison.Ordinal);
    }
}
