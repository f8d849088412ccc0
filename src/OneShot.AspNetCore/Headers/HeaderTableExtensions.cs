using System.Text;
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

    /// <summary>Writes a request's names and values into the arena as UTF-8, one line a value.</summary>
    /// <param name="table">The table.</param>
    /// <param name="request">The request.</param>
    /// <param name="arena">The request's.</param>
    public static void Fill(this HeaderTable table, in RequestFields request, Arena arena)
    {
        table.Clear();
        int size = checked(Encoding.UTF8.GetByteCount(request.Method) + Encoding.UTF8.GetByteCount(request.Target));
        foreach ((string name, StringValues values) in request.Headers)
        {
            foreach (string? value in values)
            {
                size = checked(size + Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value ?? ""));
            }
        }

        // The application may have set a mark, and must not take this back with it.
        UnsafeSlice<byte> text = arena.AllocateForRequest<byte>(size);
        Span<byte> bytes = text.Span;
        int methodLength = Encoding.UTF8.GetBytes(request.Method, bytes);
        int targetLength = Encoding.UTF8.GetBytes(request.Target, bytes[methodLength..]);
        int written = methodLength + targetLength;
        foreach ((string name, StringValues values) in request.Headers)
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
