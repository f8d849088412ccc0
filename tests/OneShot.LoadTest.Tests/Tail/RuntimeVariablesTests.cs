using OneShot.LoadTest.Tail;

namespace OneShot.LoadTest.Tests.Tail;

public class RuntimeVariablesTests
{
    [Fact]
    public void What_the_runtime_reads_is_named_and_what_the_SDK_reads_is_not() => Assert.Equal(
        ["DOTNET_gcServer=1", "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0", "DOTNET_TieredPGO=0"],
        Of(("PATH", "/usr/bin"), ("DOTNET_NOLOGO", "1"), ("DOTNET_CLI_HOME", "/home"), ("DOTNET_ROOT_X64", "/usr"), ("DOTNET_TieredPGO", "0"), ("DOTNET_gcServer", "1")));

    [Fact]
    public void A_spin_limit_that_is_set_stays_as_it_is() => Assert.Equal(
        ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=46"], Of(("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "46")));

    private static IEnumerable<string> Of(params (string Name, string Value)[] environment) =>
        RuntimeVariables.Of(environment).Select(variable => $"{variable.Key}={variable.Value}");
}
