namespace OneShot.AspNetCore.Tests.Restart;

/// <summary>A self-drain sets <see cref="Environment.ExitCode"/>, of which the process has one: such tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ProcessExitCode
{
    public const string Name = "Exit code of the process";
}
