using Microsoft.AspNetCore.Http;

namespace OneShot.AspNetCore.Testing;

/// <summary>How many bytes of the GC's heap code allocates, to be asserted exactly: unlike time, that is the same in every run.</summary>
public static class ManagedBytes
{
    /// <summary>Until the compiler has done with it, and caches are filled.</summary>
    private const int WarmUps = 200;

    private const int Rounds = 20;

    /// <summary>The fewest bytes that one call allocates on this thread, of several calls behind a warm-up.</summary>
    /// <param name="action">What is measured. It is called some 200 times.</param>
    public static long Of(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        for (int i = 0; i < WarmUps; i++)
        {
            action();
        }

        long fewest = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return fewest;
    }

    /// <summary>The fewest bytes that a handler allocates for one request.</summary>
    /// <param name="handler">What is measured. It must not wait for another thread, whose bytes would not be counted.</param>
    /// <param name="headers">Of the request.</param>
    /// <exception cref="InvalidOperationException">The handler has waited.</exception>
    public static long OfHandler(RequestDelegate handler, params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(handler);

        // Without Debug, which makes objects of its own, and with memory that is used again: the arena must last for all calls.
        using TestRequest request = TestRequest.Create(static options => (options.Debug, options.Capacity) = (false, 64 << 20), headers);
        HttpContext context = request.Context;
        _ = context.HeaderSpans.Count; // encoded once a request, here from strings
        return Of(() =>
        {
            Task task = handler(context);
            if (!task.IsCompleted)
            {
                throw new InvalidOperationException("The handler waits for something: its bytes are then those of several threads, and cannot be told.");
            }

            task.GetAwaiter().GetResult();
        });
    }
}
