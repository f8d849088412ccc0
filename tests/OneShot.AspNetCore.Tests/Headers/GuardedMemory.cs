using System.Runtime.InteropServices;

namespace OneShot.AspNetCore.Tests.Headers;

/// <summary>Bytes that end right before a page nobody may read: an over-read by one byte ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ProtectNone = 0;
    private const int ProtectReadWrite = 3;
    private const int MapPrivateAnonymous = 0x22;

    private readonly nuint _pageSize = (nuint)Environment.SystemPageSize;
    private readonly nuint _usable;
    private readonly byte* _start;

    public GuardedMemory(int capacity)
    {
        _usable = ((nuint)capacity + _pageSize - 1) / _pageSize * _pageSize;
        _start = OperatingSystem.IsLinux()
            ? (byte*)Map(null, _usable + _pageSize, ProtectReadWrite, MapPrivateAnonymous, -1, 0)
            : throw new PlatformNotSupportedException("Guard pages are for Linux.");
        if (_start == (byte*)-1 || Protect(_start + _usable, _pageSize, ProtectNone) != 0)
        {
            throw new InvalidOperationException($"No guard page: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    /// <summary>A copy of the bytes whose last byte is the last one that may be read.</summary>
    public ReadOnlySpan<byte> Place(ReadOnlySpan<byte> bytes)
    {
        var place = new Span<byte>(_start + _usable - bytes.Length, bytes.Length);
        bytes.CopyTo(place);
        return place;
    }

    public void Dispose() => Unmap(_start, _usable + _pageSize);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
