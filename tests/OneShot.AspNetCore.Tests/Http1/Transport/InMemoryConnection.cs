using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace OneShot.AspNetCore.Tests.Http1.Transport;

/// <summary>The client's end of a connection: bytes out, answers in.</summary>
internal sealed class InMemoryConnection(InMemoryConnectionContext context, PipeReader input, PipeWriter output) : IAsyncDisposable
{
    /// <summary>The raw bytes to the server.</summary>
    internal PipeWriter Output => output;

    /// <summary>The raw bytes that the server sends.</summary>
    internal PipeReader Input => input;

    /// <summary>The server has cut the connection, and not merely ended it.</summary>
    internal bool IsCut => context.IsAborted;

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await output.WriteAsync(bytes);
    }

    internal Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    internal Task<RawResponse> ReadResponseAsync(bool toHead = false) => RawResponse.ReadAsync(input, toHead);

    /// <summary>Sends a request and reads its answer.</summary>
    internal async Task<RawResponse> RoundTripAsync(string request, bool toHead = false)
    {
        await SendAsync(request);
        return await ReadResponseAsync(toHead);
    }

    /// <summary>The next bytes, so many, as they are.</summary>
    internal async Task<string> ReadTextAsync(int length)
    {
        ReadResult result = await input.ReadAtLeastAsync(length).AsTask().WaitAsync(Limits.Patience);
        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, length);
        string text = Encoding.Latin1.GetString(taken);
        input.AdvanceTo(taken.End);
        return text;
    }

    /// <summary>Everything up to these characters, or up to the end of the connection.</summary>
    internal async Task<string> ReadUntilAsync(string end)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync().AsTask().WaitAsync(Limits.Patience);
            string text = Encoding.Latin1.GetString(result.Buffer);
            int index = text.IndexOf(end, StringComparison.Ordinal);
            if (index >= 0 || result.IsCompleted)
            {
                int length = index >= 0 ? index + end.Length : text.Length;
                input.AdvanceTo(result.Buffer.GetPosition(length));
                return text[..length];
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>The connection as a stream with TLS on it, to a server that has <see cref="TestCertificate"/>'s.</summary>
    internal async Task<SslStream> SecureAsync()
    {
        var tls = new SslStream(new DuplexStream(input.AsStream(), output.AsStream()), leaveInnerStreamOpen: false, TestCertificate.IsOne);
        await tls.AuthenticateAsClientAsync("localhost");
        return tls;
    }

    /// <summary>Waits for the server to end the connection; false when it sends something instead.</summary>
    internal async Task<bool> IsClosedByServerAsync()
    {
        ReadResult result = await input.ReadAsync().AsTask().WaitAsync(Limits.Patience);
        bool closed = result.Buffer.IsEmpty && result.IsCompleted;
        input.AdvanceTo(result.Buffer.Start);
        return closed;
    }

    /// <summary>The client has sent all it will send.</summary>
    internal async Task FinishSendingAsync() => await output.CompleteAsync();

    /// <summary>The client is gone, as a reset connection is: the server's reads fail and its token fires.</summary>
    internal async Task ResetAsync()
    {
        await output.CompleteAsync(new ConnectionResetException("The client has reset the connection."));
        context.Close();
        await input.CompleteAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await output.CompleteAsync();
        await input.CompleteAsync();
    }
}

/// <summary>Waits for what the server does after the client has its answer.</summary>
internal static class Eventually
{
    internal static async Task HoldsAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Limits.Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Moves the clock on, step by step, until something has come of it.</summary>
    internal static async Task AdvancesToAsync(ManualClock clock, TimeSpan step, Task outcome)
    {
        await HoldsAsync(() =>
        {
            clock.Advance(step);
            return outcome.IsCompleted;
        });
        await outcome;
    }
}

/// <summary>How long a test waits for what must come: only a broken server ever makes it wait.</summary>
internal static class Limits
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
}
