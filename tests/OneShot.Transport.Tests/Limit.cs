using System.Runtime.CompilerServices;

namespace OneShot.Transport.Tests;

/// <summary>How long tests wait for what must happen: far longer than it takes, so that only what hangs runs into it.</summary>
internal static class Limit
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public static Task Soon(this Task task) => task.WaitAsync(s_limit);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(s_limit);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(s_limit);

    public static Task Soon(this ValueTask task) => task.AsTask().WaitAsync(s_limit);

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

            await Task.Delay(1);
        }
    }
}
