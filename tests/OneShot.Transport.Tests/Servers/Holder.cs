using System.Diagnostics;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Servers;

/// <summary>Handlers that keep their loop's thread until they are let go.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "Handlers may still be on their way out of the gate.")]
internal sealed class Holder : IDisposable
{
    /// <summary>The request that holds; all others are answered with their number.</summary>
    public const int Hold = -1;

    /// <summary>The answer to a request that was served elsewhere, and did not hold anything.</summary>
    public const int NotOnLoop = -2;

    private readonly ManualResetEventSlim _gate = new();
    private readonly SemaphoreSlim _held = new(0);

    public int Handle(int number)
    {
        if (number != Hold)
        {
            return number;
        }

        if (!IsInLoop())
        {
            return NotOnLoop;
        }

        _held.Release();
        _gate.Wait();
        return Hold;
    }

    /// <summary>Has a loop's thread held by a request of the client.</summary>
    /// <returns>What ends when it has been let go.</returns>
    public async Task<Task> HoldAsync(EchoClient client)
    {
        Task asking = AskAsync(client);
        await _held.WaitAsync().Soon();
        return asking;
    }

    public void LetGo() => _gate.Set();

    /// <summary>A test that fails must not leave threads behind for the next one.</summary>
    public void Dispose() => LetGo();

    /// <summary>Not just on a thread that could run one: spares run turns as well, and keep no loop then.</summary>
    private static bool IsInLoop() => Array.Exists(new StackTrace().GetFrames(), static frame => frame.GetMethod()?.DeclaringType == typeof(EventLoop));

    private static async Task AskAsync(EchoClient client)
    {
        while (await client.AskAsync(Hold) != Hold)
        {
            // Its first bytes may have been there before the service has waited for them, and are read elsewhere then.
        }
    }
}
