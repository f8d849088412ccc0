using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Headers;

/// <summary>The table towards applications: read as spans, and filled on servers that have parsed the request themselves (TestServer, IIS, HTTP/2, HTTP/3).</summary>
internal static class HeaderTableExtensions
{
    extension(HeaderTable table)
    {
        /// <summary>The lines as the public span API shows them.</summary>
        /// <exception cref="ObjectDisposedException">The request is over.</exception>
        public HeaderSpans Spans => new(table.Read(table.Version));
    }

    /// <summary>
    /// Writes the names and values of a header dictionary into the arena as UTF-8, in the order the dictionary copies them, one line a value.
    /// </summary>
    /// <remarks>
    /// A copy, and not the enumerator: it is measured and then written, and Kestrel's headers have one enumerator for the connection,
    /// which somebody who has kept them may be using.
    /// </remarks>
    /// <param name="table">The table.</param>
    /// <param name="headers">The header lines.</param>
    /// <param name="arena">The request's.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="target">The request's target.</param>
    public static void Fill(this HeaderTable table, IHeaderDictionary headers, Arena arena, string method = "", string target = "")
    {
        int count = headers.Count;
        KeyValuePair<string, StringValues>[] fields = ArrayPool<KeyValuePair<string, StringValues>>.Shared.Rent(count);
        try
        {
            headers.CopyTo(fields, 0);
            Fill(table, fields.AsSpan(0, count), arena, method, target);
        }
        finally
        {
            ArrayPool<KeyValuePair<string, StringValues>>.Shared.Return(fields, clearArray: true);
        }
    }

    private static void Fill(HeaderTable table, ReadOnlySpan<KeyValuePair<string, StringValues>> fields, Arena arena, string method, string target)
    {
        table.Clear();
        int size = checked(Encoding.UTF8.GetByteCount(method) + Encoding.UTF8.GetByteCount(target));
        foreach ((string name, StringValues values) in fields)
        {
            foreach (string? value in values)
            {
                size = checked(size + Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value ?? ""));
            }
        }

        // The application may have set a mark, and must not take this back with it.
        UnsafeSlice<byte> text = arena.AllocateForRequest<byte>(size);
        Span<byte> bytes = text.Span;
        int methodLength = Encoding.UTF8.GetBytes(method, bytes);
        int targetLength = Encoding.UTF8.GetBytes(target, bytes[methodLength..]);
        int written = methodLength + targetLength;
        foreach ((string name, StringValues values) in fields)
        {
            foreach (string? value in values)
            {
                int nameLength = Encoding.UTF8.GetBytes(name, bytes[written..]);
                if (nameLength is 0 or > ushort.MaxValue || table.Count == HeaderLimits.HeaderCountCeiling)
                {
                    continue;
                }

                int valueOffset = written + nameLength;
                int valueLength = Encoding.UTF8.GetBytes(value ?? "", bytes[valueOffset..]);
                table.Add(
                    written,
                    KnownHeaders.KeyOf(bytes.Slice(written, nameLength)),
                    valueOffset,
                    valueLength,
                    hasNonAscii: !Ascii.IsValid(bytes.Slice(valueOffset, valueLength)));
                written = valueOffset + valueLength;
            }
        }

        RequestLine line = new() { MethodLength = methodLength, TargetOffset = methodLength, TargetLength = targetLength };
        table.Commit(text.Slice(0, written), line);
    }
}
