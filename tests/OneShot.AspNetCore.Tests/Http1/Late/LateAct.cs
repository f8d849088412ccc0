using System.Buffers;
using System.Text;

namespace OneShot.AspNetCore.Tests.Http1.Late;

/// <summary>One thing that code can do with what it has kept of a request that is over.</summary>
/// <param name="Name">What it is called in a complaint.</param>
/// <param name="DoAsync">Does it; what it gives, as text. Null: the server has no such thing.</param>
internal sealed record LateAct(string Name, Func<LateParts, Task<string?>> DoAsync)
{
    internal const string Missing = "the server has none";

    /// <summary>Whether it need not be refused: it is no use of the old request's memory, or shows it to be nobody's.</summary>
    internal bool Allows(LateServer server, Moment moment, string result) => _allowed switch
    {
        Whose.Nobodys => result == "done" || (result.Length > 5 && !result.Contains('n', StringComparison.Ordinal)),
        Whose.Features => server is not (LateServer.Kestrel or LateServer.TestServer) && moment is Moment.NextHandler or Moment.NextRead or Moment.NextResponse,
        Whose.Contexts => server != LateServer.TestServer && moment is Moment.NextHandler or Moment.NextRead or Moment.NextResponse,
        _ => false,
    };

    private Whose _allowed { get; init; }

    internal LateAct Of(Whose allowed) => this with { _allowed = allowed };

    /// <summary>What it gives, or throws.</summary>
    internal async Task<string> RunAsync(LateParts parts)
    {
        try
        {
            return await DoAsync(parts).WaitAsync(LateHost.Hang) ?? Missing;
        }
        catch (Exception exception)
        {
            return "throws " + exception.GetType().Name;
        }
    }

    internal static LateAct Do(string name, Action<LateParts> action) => new(name, parts =>
    {
        action(parts);
        return Task.FromResult<string?>("done");
    });

    internal static LateAct Get(string name, Func<LateParts, object?> get) => new(name, parts => Task.FromResult<string?>($"{get(parts)}"));

    internal static LateAct Await(string name, Func<LateParts, Task> action) => new(name, async parts =>
    {
        await action(parts);
        return "done";
    });

    /// <summary>With a feature that not every server has.</summary>
    internal static LateAct With<T>(string name, Func<LateParts, T?> part, Func<T, object?> get)
        where T : class => new(name, parts => Task.FromResult(part(parts) is { } found ? $"{get(found)}" : null));

    /// <summary>With a feature that not every server has.</summary>
    internal static LateAct With<T>(string name, Func<LateParts, T?> part, Action<T> action)
        where T : class => With(name, part, found =>
        {
            action(found);
            return "done";
        });

    internal static string Text(in ReadOnlySequence<byte> bytes) => Encoding.Latin1.GetString(bytes);
}

/// <summary>Whose a thing that was kept is, when it is used late.</summary>
internal enum Whose
{
    /// <summary>The old request's: refused.</summary>
    OldRequests,

    /// <summary>It sees and changes bytes that are nobody's.</summary>
    Nobodys,

    /// <summary>The features', which on the front are the connection's: the next request's while that runs.</summary>
    Features,

    /// <summary>The context's, which serves the next request of the connection.</summary>
    Contexts,
}
