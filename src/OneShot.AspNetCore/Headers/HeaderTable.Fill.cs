using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace OneShot.AspNetCore.Headers;

/// <summary>The table on servers that have parsed the request themselves: TestServer, IIS, HTTP/2, HTTP/3.</summary>
internal sealed partial class HeaderTable
{
    /// <summary>
    /// Writes the names and values of a header dictionary into the arena as UTF-8, in the order the dictionary enumerates them, one line a value.
    /// </summary>
    public void Fill(IHeaderDictionary headers, Arena arena)
    {
        Begin(arena: null);
        int size = 0;
        foreach ((string name, StringValues values) in headers)
        {
            foreach (string? value in values)
            {
                size = checked(size + Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value ?? ""));
            }
        }

        // The application may have set a mark, and must not take this back with it.
        UnsafeSlice<byte> text = arena.AllocateForRequest<byte>(size);
        Span<byte> bytes = text.Span;
        int written = 0;
        foreach ((string name, StringValues values) in headers)
        {
            foreach (string? value in values)
            {
                int nameLength = Encoding.UTF8.GetBytes(name, bytes[written..]);
                if (nameLength is 0 or > ushort.MaxValue || _count == HeaderLimits.HeaderCountCeiling)
                {
                    continue;
                }

                int valueOffset = written + nameLength;
                int valueLength = Encoding.UTF8.GetBytes(value ?? "", bytes[valueOffset..]);
                Add(
                    written,
                    KnownHeaders.KeyOf(bytes.Slice(written, nameLength)),
                    valueOffset,
                    valueLength,
                    hasNonAscii: !Ascii.IsValid(bytes.Slice(valueOffset, valueLength)));
                written = valueOffset + valueLength;
            }
        }

        Commit(arena, text.Slice(0, written));
    }
}
