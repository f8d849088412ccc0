using System.Globalization;

namespace OneShot;

/// <summary>The process arena has no room for a request and its policy is not to fall back to the GC heap.</summary>
public sealed class ArenaExhaustedException : Exception
{
    internal ArenaExhaustedException(long requested, long capacity, long used, string remedy, Exception? cause) : base(Describe(requested, capacity, used, remedy), cause)
    {
        Requested = requested;
        Capacity = capacity;
        Used = used;
    }

    /// <summary>Bytes that were asked for.</summary>
    public long Requested { get; }

    /// <summary>The process arena's cap, in bytes.</summary>
    public long Capacity { get; }

    /// <summary>Bytes in use when the request was refused.</summary>
    public long Used { get; }

    internal static string Describe(long requested, long capacity, long used, string remedy)
    {
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The process arena cannot give {requested} bytes: {used} of its {capacity} bytes are used. {remedy}");
    }
}
