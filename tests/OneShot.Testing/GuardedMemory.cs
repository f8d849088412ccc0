using System.Runtime.InteropServices;

namespace OneShot.Testing;

/// <summary>Bytes between two pages nobody may read: an over-read by one byte, in front or behind, ends the process.</summary>
public sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ProtectNone = 0;
    private const int ProtectReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;

    private readonly nuint _pageSize = (nuint)Environment.SystemPageSize;
    private readonly nuint _usable;
    private readonly byte* _mapping;
    private readonly byte* _start;

    public GuardedMemory(int capacity)
    {
        _usable = ((nuint)capacity + _pageSize - 1) / _pageSize * _pageSize;
        _mapping = OperatingSystem.IsLinux()
            ? (byte*)Map(null, _usable + (2 * _pageSize), ProtectNone, MapPrivateAnonymous, -1, 0)
            : throw new PlatformNotSupportedException("Guard pages are for Linux.");
        _start = _mapping + _pageSize;
        if (_mapping == (byte*)-1 || Protect(_start, _usable, ProtectReadWrite) != 0)
        {
            throw new InvalidOperationException($"No guard pages: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <summary>A copy of the bytes whose last byte is the last one that may be read.</summary>
    public ReadOnlySpan<byte> Place(ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = Reserve(bytes.Length);
        bytes.CopyTo(place);
        return place;
    }

    /// <summary>A copy of the bytes whose first byte is the first one that may be read.</summary>
    public ReadOnlySpan<byte> PlaceAtStart(ReadOnlySpan<byte> bytes)
    {
        var place = new Span<byte>(_start, (int)_usable);
        bytes.CopyTo(place);
        return place[..bytes.Length];
    }

    /// <summary>Room for so many bytes, of which the last is the last one that may be written.</summary>
    public Span<byte> Reserve(int length) => length <= (int)_usable
        ? new Span<byte>(_start + _usable - length, length)
        : throw new ArgumentOutOfRangeException(nameof(length));

    public void Dispose() => Unmap(_mapping, _usable + (2 * _pageSize));

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
