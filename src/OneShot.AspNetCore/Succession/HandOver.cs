using Microsoft.Extensions.Logging;
using OneShot.AspNetCore.Logging;

namespace OneShot.AspNetCore.Succession;

/// <summary>Brings a successor up, and stops accepting when it is ready: from then on who connects is served by it.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>what happens</term><description>what follows</description></listheader>
/// <item><term>nothing listens that could be handed on</term><description>no successor: the process drains and ends by itself</description></item>
/// <item><term>the successor is ready</term><description>this process accepts no more; the hand-over is done, and never undone</description></item>
/// <item><term>it cannot be started, ends, or is not ready in time</term><description>it is killed if it is there, and another is started after a pause that doubles, 1 s to 1 min. Until then this process
/// goes on serving: full, by its exhaustion policy, is better than away</description></item>
/// <item><term>the host is stopped meanwhile</term><description>the successor is killed: nobody wants the service to go on</description></item>
/// </list>
/// </remarks>
/// <param name="sockets">What is handed over.</param>
/// <param name="start">Starts a successor with them.</param>
/// <param name="time">By which it waits.</param>
/// <param name="logger">Where it is told how it goes.</param>
internal sealed class HandOver(ListeningSockets sockets, StartSuccessor start, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    /// <param name="timeout">How long a successor may take to be ready.</param>
    /// <param name="stopping">The host stops.</param>
    /// <returns>Whether there is a successor. False where nothing is there for one to go on with.</returns>
    /// <exception cref="OperationCanceledException">The host stops.</exception>
    public async Task<bool> RunAsync(TimeSpan timeout, CancellationToken stopping)
    {
        TimeSpan pause = s_firstPause;
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            IReadOnlyList<(int Descriptor, string EndPoint)> open = sockets.ToHandOn();
            if (open.Count == 0)
            {
                Events.NothingToHandOver(logger);
                return false;
            }

            if (await TryAsync(open, timeout, stopping).ConfigureAwait(false) is not { } failure)
            {
                await sockets.StopAcceptingAsync(isHandedOver: true, stopping).ConfigureAwait(false);
                return true;
            }

            Events.SuccessorFailed(logger, failure, pause);
            await Task.Delay(pause, time, stopping).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    /// <returns>Null when the successor is ready, else why it is not.</returns>
    private async Task<string?> TryAsync(IReadOnlyList<(int Descriptor, string EndPoint)> open, TimeSpan timeout, CancellationToken stopping)
    {
        ISuccessor successor;
        try
        {
            successor = start(open);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception.Message;
        }

        using (successor)
        {
            Events.SuccessorStarted(logger, successor.ProcessId);
            long started = time.GetTimestamp();
            bool isReady = false;
            try
            {
                string? failure = await successor.Ready.WaitAsync(timeout, time, stopping).ConfigureAwait(false);
                isReady = failure is null;
                if (isReady)
                {
                    Events.SuccessorReady(logger, successor.ProcessId, (long)time.GetElapsedTime(started).TotalMilliseconds);
                }

                return failure;
            }
            catch (TimeoutException)
            {
                return FormattableString.Invariant($"it was not ready within {timeout.TotalSeconds:0.###} s");
            }
            finally
            {
                if (!isReady)
                {
                    successor.Kill();
                }
            }
        }
    }
}
