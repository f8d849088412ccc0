using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>A response as it stands on the wire, read by a parser that shares nothing with the server's.</summary>
internal sealed record RawResponse(int Status, string Reason, IReadOnlyList<KeyValuePair<string, string>> Fields, byte[] Body)
{
    internal string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The value of a field that occurs once, or null.</summary>
    internal string? this[string name] =>
        Fields.SingleOrDefault(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The server has said that it will close.</summary>
    internal bool SaysClose => string.Equals(this["Connection"], "close", StringComparison.OrdinalIgnoreCase);

    /// <param name="input">The server's bytes.</param>
    /// <param name="toHead">The request was HEAD: no body follows whatever the fields say.</param>
    internal static async Task<RawResponse> ReadAsync(PipeReader input, bool toHead = false)
    {
        string head = Encoding.Latin1.GetString(await ReadThroughAsync(input, "\r\n\r\n"u8.ToArray()));
        string[] lines = head[..^4].Split("\r\n");
        string[] status = lines[0].Split(' ', 3);
        Assert.Equal("HTTP/1.1", status[0]);
        var fields = lines.Skip(1).Select(line => line.Split(": ", 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1])).ToList();
        var response = new RawResponse(int.Parse(status[1], CultureInfo.InvariantCulture), status[2], fields, []);
        return toHead || response.Status is < 200 or 204 or 304
            ? response
            : response with { Body = await ReadBodyAsync(input, response) };
    }

    private static async Task<byte[]> ReadBodyAsync(PipeReader input, RawResponse response)
    {
        if (response["Transfer-Encoding"] == "chunked")
        {
            return await ReadChunksAsync(input);
        }

        return response["Content-Length"] is { } length
            ? await ReadExactlyAsync(input, int.Parse(length, CultureInfo.InvariantCulture))
            : await ReadToEndAsync(input);
    }

    private static async Task<byte[]> ReadChunksAsync(PipeReader input)
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            string line = Encoding.Latin1.GetString(await ReadThroughAsync(input, "\r\n"u8.ToArray()));
            int size = int.Parse(line[..^2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            body.Write(await ReadExactlyAsync(input, size));
            Assert.Equal("\r\n"u8.ToArray(), await ReadExactlyAsync(input, 2));
            if (size == 0)
            {
                return body.WrittenSpan.ToArray();
            }
        }
    }

    private static async Task<byte[]> ReadThroughAsync(PipeReader input, byte[] end)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync().AsTask().WaitAsync(Transport.Limits.Patience);
            byte[] bytes = result.Buffer.ToArray();
            int index = bytes.AsSpan().IndexOf(end);
            if (index >= 0)
            {
                input.AdvanceTo(result.Buffer.GetPosition(index + end.Length));
                return bytes[..(index + end.Length)];
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            Assert.False(result.IsCompleted, $"The connection ended within a line: '{Encoding.Latin1.GetString(bytes)}'.");
        }
    }

    private static async Task<byte[]> ReadExactlyAsync(PipeReader input, int count)
    {
        if (count == 0)
        {
            return [];
        }

        ReadResult result = await input.ReadAtLeastAsync(count).AsTask().WaitAsync(Transport.Limits.Patience);
        Assert.True(result.Buffer.Length >= count, "The connection ended within the body.");
        ReadOnlySequence<byte> bytes = result.Buffer.Slice(0, count);
        byte[] body = bytes.ToArray();
        input.AdvanceTo(bytes.End);
        return body;
    }

    private static async Task<byte[]> ReadToEndAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync().AsTask().WaitAsync(Transport.Limits.Patience);
            if (result.IsCompleted)
            {
                byte[] body = result.Buffer.ToArray();
                input.AdvanceTo(result.Buffer.End);
                return body;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
