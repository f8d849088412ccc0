using System.Runtime.CompilerServices;

namespace OneShot.Transport.Tests;

/// <summary>How long tests wait for what must happen: far longer than it takes, so that only what hangs runs into it.</summary>
internal static class Limit
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <summary>Goes on on a thread of the thread pool: what ends a task may be a loop, which nothing in a test must hold up.</summary>
    public static async Task Soon(this Task task)
    {
        try
        {
            await task.WaitAsync(s_limit).ConfigureAwait(false);
        }
        finally
        {
            await Task.Yield();
        }
    }

    /// <inheritdoc cref="Soon(Task)"/>
    public static async Task<T> Soon<T>(this Task<T> task)
    {
        await ((Task)task).Soon().ConfigureAwait(false);
        return await task;
    }

    /// <inheritdoc cref="Soon(Task)"/>
    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().Soon();

    /// <inheritdoc cref="Soon(Task)"/>
    public static Task Soon(this ValueTask task) => task.AsTask().Soon();

#pragma warning disable CA2012, xUnit1031 // The point is not to await it.
    /// <summary>Looks at it until it is done, and takes what it gives.</summary>
    public static async Task<T> Polled<T>(this ValueTask<T> task)
    {
        await Until(() => task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }
#pragma warning restore CA2012, xUnit1031

    /// <summary>For what nothing announces.</summary>
    public static async Task Until(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        long started = Environment.TickCount64;
        while (!condition())
        {
            if (Environment.TickCount64 - started > s_limit.TotalMilliseconds)
            {
                throw new TimeoutException("Has not come true: " + text);
            }

            await Task.Delay(1).ConfigureAwait(false);
        }
    }
}
