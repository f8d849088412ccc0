namespace OneShot.Memory;

/// <summary>The operating system's page size, in bytes: 4 KiB on most machines, 16 KiB on Apple silicon.</summary>
internal static class PageSize
{
    public static readonly nuint Bytes = (nuint)Environment.SystemPageSize;
}
