namespace OneShot.AspNetCore.Tests.Http1.Programs;

/// <summary>One thing that an application does with its exchange, and how it tells what came of it.</summary>
/// <param name="Name">As the program's text shows it.</param>
/// <param name="RunAsync">Does it; what it gives is compared between the servers, and so is the type of what it throws.</param>
internal sealed record ExchangeStep(string Name, Func<ExchangeActor, Task<string>> RunAsync)
{
    public override string ToString() => Name;
}
