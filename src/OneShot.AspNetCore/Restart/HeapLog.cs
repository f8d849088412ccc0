using Microsoft.Extensions.Logging;

namespace OneShot.AspNetCore.Restart;

/// <summary>What is said of the heap budget.</summary>
internal static partial class HeapLog
{
    [LoggerMessage(1411, LogLevel.Information, "No garbage collection from here on, until {Budget} bytes are allocated, or {LargeObjects} bytes in large objects.", EventName = "HeapBudgetEntered")]
    public static partial void Entered(ILogger logger, long budget, long largeObjects);

    [LoggerMessage(EventId = 1412, EventName = "HeapBudgetEnteredAgain", Message =
        "Something has collected after {Used} of {Budget} bytes of the heap budget: a GC.Collect(), more than {LargeObjects} bytes in large objects (OneShot:Heap:LargeObjects), or pinned arrays of more than 3 MiB together. The budget begins anew.")]
    public static partial void EnteredAgain(ILogger logger, LogLevel level, long used, long budget, long largeObjects);

    [LoggerMessage(1413, LogLevel.Warning, "The heap budget of {Budget} bytes, with {LargeObjects} bytes for large objects, was not granted: the heap of the GC may have {HeapLimit} bytes, or a no-GC region of the application is under way. The process collects as ever. Set a smaller OneShot:Heap:Budget, or a larger limit of the heap.", EventName = "HeapBudgetRefused")]
    public static partial void Refused(ILogger logger, long budget, long largeObjects, long heapLimit);

    [LoggerMessage(1419, LogLevel.Information, "{Bytes} bytes of the heap budget were faulted in, in {Milliseconds} ms: no allocation pays for the first touch of a page.", EventName = "HeapBudgetPopulated")]
    public static partial void Populated(ILogger logger, long bytes, long milliseconds);

    [LoggerMessage(EventId = 1420, EventName = "HeapBudgetNotPopulated", Message =
        "{Bytes} bytes of the heap budget were faulted in, and no more: {Obstacle}. Allocations touch the rest page by page. OneShot:Heap:PopulateAtStart=false leaves all of it to them.")]
    public static partial void NotPopulated(ILogger logger, LogLevel level, long bytes, string obstacle);

    [LoggerMessage(1414, LogLevel.Warning, "The heap budget of {Budget} bytes is spent, and the process was not restarted: garbage collection resumes.", EventName = "HeapBudgetSpent")]
    public static partial void Spent(ILogger logger, long budget);

    [LoggerMessage(1431, LogLevel.Information, "Something has collected after {Used} of {Budget} bytes of the heap budget, and the process drains already: it collects as ever until its restart.", EventName = "HeapBudgetLeft")]
    public static partial void Left(ILogger logger, long used, long budget);

    [LoggerMessage(1432, LogLevel.Warning, "Something has collected, and the heap budget of {Budget} bytes, with {LargeObjects} bytes for large objects, was not granted again, {Tries} times: what lives has grown beyond the {HeapLimit} bytes that the heap of the GC may have beside it, or a no-GC region of the application is under way. Garbage collection resumes; the restart comes when as much is allocated as if it had been granted.", EventName = "HeapBudgetNotEnteredAgain")]
    public static partial void NotEnteredAgain(ILogger logger, long budget, long largeObjects, int tries, long heapLimit);

    [LoggerMessage(1433, LogLevel.Warning, "A successor faults in {Bytes} bytes of its heap budget before it is ready, which may take {Start}; it is killed after {Timeout} (OneShot:Restart:SuccessorTimeout). Set that to {Start} and what else the start takes, a smaller OneShot:Heap:Budget, or OneShot:Heap:PopulateAtStart=false.", EventName = "HeapBudgetStartLong")]
    public static partial void StartLong(ILogger logger, long bytes, WholeSeconds start, WholeSeconds timeout);
}
