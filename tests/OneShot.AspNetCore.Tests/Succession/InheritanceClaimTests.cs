using OneShot.AspNetCore.Succession;

namespace OneShot.AspNetCore.Tests.Succession;

/// <summary>The environment is the process's, and every host that starts looks whether there is something to claim: nothing else runs beside.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class InheritanceClaimTests : IDisposable
{
    public const string Name = "Environment of the process";

    private readonly RecordingLog _log = new();

    private ILogger Logger => _log.CreateLogger("");

    public void Dispose() => _log.Dispose();

    [Fact]
    public void It_is_claimed_once_and_children_do_not_see_it()
    {
        Environment.SetEnvironmentVariable(Inheritance.Variable, "9998;9997=127.0.0.1:1");
        try
        {
            Assert.NotNull(Inheritance.Claim(Logger));
            Assert.Null(Environment.GetEnvironmentVariable(Inheritance.Variable));
            Assert.Null(Inheritance.Claim(Logger));

            Environment.SetEnvironmentVariable(Inheritance.Variable, "nonsense");
            Assert.Null(Inheritance.Claim(Logger));
            Assert.Contains(_log.Entries, static entry => entry.Message.StartsWith("ONESHOT_SUCCESSION is 'nonsense'", StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Inheritance.Variable, null);
        }
    }
}
